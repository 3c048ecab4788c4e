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
    if neutral:
        return _decided(first, second, neutral, f"by {_referees(neutral)}, neither network's own")
    if all(duel.own == (True, True) for duel in duels):
        names = f"**{inline(first.name)}** and **{inline(second.name)}**"
        return (
            f"{names}: no statement, for {_referees(duels)}, their own network, is the only referee. {_counts(duels)}"
        )
    opposed = [[duel for duel in duels if duel.own[side]] for side in (0, 1)]
    for winner, against in ((first, opposed[1]), (second, opposed[0])):
        side = 0 if winner is first else 1
        if against and all(duel.wins[side] == len(duel.distances) for duel in duels):
            loser = second if winner is first else first
            return _decided(first, second, duels, f"even by {_referees(against)}, {inline(loser.name)}'s own network")
    return (
        f"**{inline(first.name)}** or **{inline(second.name)}**: undecided, for every referee is one of the two "
        f"networks, and they do not agree. {_counts(duels)}"
    )


def _decided(first: Network, second: Network, duels: list[Duel], whose: str) -> str:
    total = sum(len(duel.distances) for duel in duels)
    wins = [sum(duel.wins[side] for duel in duels) for side in (0, 1)]
    for side, winner, loser in ((0, first, second), (1, second, first)):
        if wins[side] == total:
            names = f"**{inline(winner.name)} is better than {inline(loser.name)}** at matched content SSIM"
            levels = f"at all {total} levels compared" if total > 1 else "at the one level compared"
            return f"{names} {whose}, {levels}{_smaller(duels, side)}."
    names = f"**{inline(first.name)}** or **{inline(second.name)}**"
    if wins == [0, 0]:
        return f"{names}: equal within 1 % at matched content SSIM {whose}, at all {total} levels compared."
    return f"{names}: the order depends on picture, level or referee ({whose}). {_counts(duels)}"


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
