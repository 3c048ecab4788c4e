"""Which of two networks is nearer to the style at the same content SSIM, in one sentence a reader can check."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence

from nstbench.report.markdown import inline
from nstbench.report.tradeoff_curves import Network
from nstbench.report.tradeoff_levels import Duel

__all__ = ["verdicts"]

_MOST = 10


def verdicts(duels: Sequence[Duel]) -> list[str]:
    """Return one sentence per two networks.

    Referees that are neither network's own decide. Where every referee is one of the two, a network is called better
    only if the other's own referee says so, too: a referee favours the network whose statistics it measures.
    """
    groups: dict[tuple[Network, Network], list[Duel]] = defaultdict(list)
    for duel in duels:
        groups[duel.first, duel.second].append(duel)
    lines = [_verdict(first, second, own) for (first, second), own in groups.items()]
    rest = f"and {len(lines) - _MOST} more pairs of networks; `tradeoff.csv` has every point"
    return lines if len(lines) <= _MOST else [*lines[:_MOST], rest]


def _verdict(first: Network, second: Network, duels: list[Duel]) -> str:
    neutral = [duel for duel in duels if not any(duel.own)]
    if any(duel.distances for duel in neutral):
        judged = [duel for duel in neutral if duel.distances]
        return _decided(first, second, judged, f"by {_referees(judged)}, neither network's own")
    if neutral:
        return _apart(first, second, neutral)
    judged = [duel for duel in duels if duel.distances]
    return _between_themselves(first, second, judged) if judged else _apart(first, second, duels)


def _apart(first: Network, second: Network, duels: list[Duel]) -> str:
    """Judge two networks that share no level: where one outdoes all that the other can, that needs no interpolation."""
    whose = f"by {_referees(duels)}" + ("" if any(any(duel.own) for duel in duels) else ", neither network's own")
    for side, winner, loser in ((1, first, second), (0, second, first)):
        if all(duel.outdone[side] for duel in duels) and not any(duel.own[1 - side] for duel in duels):
            return (
                f"{_better(winner, loser)} {whose}: they share no level of SSIM, but every picture of "
                f"{inline(loser.name)} is outdone by one of {inline(winner.name)} in both numbers."
            )
    return f"{_either(first, second)}: no statement, for they share no level of SSIM {whose}."


def _between_themselves(first: Network, second: Network, duels: list[Duel]) -> str:
    """Judge two networks where every referee is one of them."""
    if all(duel.own == (True, True) for duel in duels):
        reason = f"no statement, for {_referees(duels)}, their own network, is the only referee"
        return f"{_either(first, second)}: {reason}. {_counts(duels)}"
    for side, loser in ((0, second), (1, first)):
        against = [duel for duel in duels if duel.own[1 - side]]
        if against and all(duel.wins[side] == len(duel.distances) for duel in duels):
            return _decided(first, second, duels, f"even by {_referees(against)}, {inline(loser.name)}'s own network")
    reason = "undecided, for every referee is one of the two networks, and they do not agree"
    return f"{_either(first, second)}: {reason}. {_counts(duels)}"


def _decided(first: Network, second: Network, duels: list[Duel], whose: str) -> str:
    total = sum(len(duel.distances) for duel in duels)
    wins = [sum(duel.wins[side] for duel in duels) for side in (0, 1)]
    for side, winner, loser in ((0, first, second), (1, second, first)):
        if wins[side] == total:
            levels = f"at all {total} levels compared" if total > 1 else "at the one level compared"
            return f"{_better(winner, loser)} at matched content SSIM {whose}, {levels}{_smaller(duels, side)}."
    if wins == [0, 0]:
        return f"{_either(first, second)}: equal within 1 % at matched content SSIM {whose}, at all {total} levels."
    return f"{_either(first, second)}: the order depends on picture, level or referee ({whose}). {_counts(duels)}"


def _better(winner: Network, loser: Network) -> str:
    return f"**{inline(winner.name)} is better than {inline(loser.name)}**"


def _either(first: Network, second: Network) -> str:
    return f"**{inline(first.name)}** or **{inline(second.name)}**"


def _smaller(duels: list[Duel], side: int) -> str:
    ratios = [a / b if side == 0 else b / a for duel in duels for a, b in duel.distances if a > 0 and b > 0]
    if not ratios:
        return ""
    low, high = (math.floor(100 * (1 - ratio) + 0.5) for ratio in (max(ratios), min(ratios)))
    return (
        f": its style distance is {low} % smaller" if low == high else f": its style distance is {low}–{high} % smaller"
    )


def _counts(duels: list[Duel]) -> str:
    return "; ".join(_count(duel) for duel in duels) + "."


def _count(duel: Duel) -> str:
    wins, total = duel.wins, len(duel.distances)
    names = [
        inline(network.name) + " †" * own for network, own in zip((duel.first, duel.second), duel.own, strict=True)
    ]
    parts = [f"{name} better at {count}" for name, count in zip(names, wins, strict=True) if count]
    equal = total - sum(wins)
    parts += [f"equal at {equal}"] if equal else []
    pair = f"{inline(duel.panel.content)} in the style of {inline(duel.panel.style)}"
    return f"{pair} by {inline(duel.panel.judge)}: {', '.join(parts)} of {total} level{'s' if total > 1 else ''}"


def _referees(duels: list[Duel]) -> str:
    return " and ".join(dict.fromkeys(inline(duel.panel.judge) for duel in duels))
