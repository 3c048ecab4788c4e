"""Which of two networks is nearer to the style at the same content SSIM, in one sentence a reader can check."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from nstbench.report.markdown import inline
from nstbench.report.tradeoff_curves import Network
from nstbench.report.tradeoff_levels import Duel

__all__ = ["Key", "Statement", "statements", "verdicts"]

_Said = tuple[str, tuple[Network, ...]]

_MOST = 10
_LISTED = 4
"""Panels whose counts are told one by one; of more, the sums."""


Key = tuple[str, str, str]
"""What a network is without its backend and layer set: backbone, label and weights."""


@dataclass(frozen=True, slots=True)
class Statement:
    """What is said of two networks, as markdown; ``better`` is the one that is, or both, or, undecided, none.

    ``networks`` are what the two are without their backends and layer sets: one, if they are the same.
    """

    text: str
    better: frozenset[Key]
    networks: frozenset[Key]


def verdicts(duels: Sequence[Duel]) -> list[str]:
    """Return one sentence per two networks, those that decide first, and how many were left out."""
    lines = [each.text for each in statements(duels)]
    rest = f"and {len(lines) - _MOST} more pairs of networks; `tradeoff.csv` has every point"
    return lines if len(lines) <= _MOST else [*lines[:_MOST], rest]


def statements(duels: Sequence[Duel]) -> list[Statement]:
    """Return what is said of every two networks, decisions first, and first those on different networks.

    Referees that are neither network's own decide. Where every referee is one of the two, a network is called better
    only if the other's own referee says so, too: a referee favours the network whose statistics it measures.
    """
    groups: dict[tuple[Network, Network], list[Duel]] = defaultdict(list)
    for duel in duels:
        groups[duel.first, duel.second].append(duel)
    found = []
    for (first, second), own in groups.items():
        text, better = _verdict(first, second, own)
        found.append(Statement(text, _keys(better), _keys((first, second))))
    return sorted(found, key=lambda each: (not each.better, len(each.networks) == 1))


def _keys(networks: Iterable[Network]) -> frozenset[Key]:
    return frozenset((each.backbone, each.label, each.weights) for each in networks)


def _verdict(first: Network, second: Network, duels: list[Duel]) -> _Said:
    neutral = [duel for duel in duels if not any(duel.own)]
    if any(duel.distances for duel in neutral):
        judged = [duel for duel in neutral if duel.distances]
        return _decided(first, second, judged, f"by {_referees(judged)}, neither network's own")
    if neutral:
        return _apart(first, second, neutral)
    judged = [duel for duel in duels if duel.distances]
    return _between_themselves(first, second, judged) if judged else _apart(first, second, duels)


def _apart(first: Network, second: Network, duels: list[Duel]) -> _Said:
    """Judge two networks that share no level: where one outdoes all that the other can, that needs no interpolation."""
    whose = f"by {_referees(duels)}" + ("" if any(any(duel.own) for duel in duels) else ", neither network's own")
    for side, winner, loser in ((1, first, second), (0, second, first)):
        if all(duel.outdone[side] for duel in duels) and not any(duel.own[1 - side] for duel in duels):
            return (
                f"{_better(winner, loser)} {whose}: they share none of the levels of SSIM, but every picture of "
                f"{inline(loser.name)} is outdone by one of {inline(winner.name)} in both numbers."
            ), (winner,)
    reason = f"no statement, for they share none of the levels of SSIM that were compared {whose}"
    return f"{_either(first, second)}: {reason}.", ()


def _between_themselves(first: Network, second: Network, duels: list[Duel]) -> _Said:
    """Judge two networks where every referee is one of them."""
    if all(duel.own == (True, True) for duel in duels):
        reason = f"no statement, for {_referees(duels)}, their own network, is the only referee"
        return f"{_either(first, second)}: {reason}. {_counts(duels)}", ()
    for side, loser in ((0, second), (1, first)):
        against = [duel for duel in duels if duel.own[1 - side]]
        if against and all(duel.wins[side] == len(duel.distances) for duel in duels):
            return _decided(first, second, duels, f"even by {_referees(against)}, {inline(loser.name)}'s own network")
    reason = "undecided, for every referee is one of the two networks, and they do not agree"
    return f"{_either(first, second)}: {reason}. {_counts(duels)}", ()


def _decided(first: Network, second: Network, duels: list[Duel], whose: str) -> _Said:
    total = sum(len(duel.distances) for duel in duels)
    wins = [sum(duel.wins[side] for duel in duels) for side in (0, 1)]
    for side, winner, loser in ((0, first, second), (1, second, first)):
        if wins[side] == total:
            levels = f"at all {total} levels compared" if total > 1 else "at the one level compared"
            return f"{_better(winner, loser)} at matched content SSIM {whose}, {levels}{_smaller(duels, side)}.", (
                winner,
            )
    if wins == [0, 0]:
        equal = f"equal within 1 % at matched content SSIM {whose}, at all {total} levels"
        return f"{_either(first, second)}: {equal}.", (first, second)
    order = f"the order depends on picture, level or referee ({whose})"
    return f"{_either(first, second)}: {order}. {_counts(duels)}", ()


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
    if len(duels) <= _LISTED:
        return "; ".join(map(_count, duels)) + "."
    wins = [sum(duel.wins[side] for duel in duels) for side in (0, 1)]
    own = [any(duel.own[side] for duel in duels) for side in (0, 1)]
    total = sum(len(duel.distances) for duel in duels)
    return f"{len(duels)} panels: {_tally(duels[0], own, wins, total)}."


def _count(duel: Duel) -> str:
    pair = f"{inline(duel.panel.content)} in the style of {inline(duel.panel.style)}"
    return f"{pair} by {inline(duel.panel.judge)}: {_tally(duel, duel.own, duel.wins, len(duel.distances))}"


def _tally(duel: Duel, own: Sequence[bool], wins: Sequence[int], total: int) -> str:
    names = [inline(network.name) + " †" * mark for network, mark in zip((duel.first, duel.second), own, strict=True)]
    parts = [f"{name} better at {count}" for name, count in zip(names, wins, strict=True) if count]
    equal = total - sum(wins)
    parts += [f"equal at {equal}"] if equal else []
    return f"{', '.join(parts)} of {total} level{'s' if total > 1 else ''}"


def _referees(duels: list[Duel]) -> str:
    return " and ".join(dict.fromkeys(inline(duel.panel.judge) for duel in duels))
