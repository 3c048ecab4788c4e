from __future__ import annotations

from nstbench.report.tradeoff_levels import duels
from nstbench.report.tradeoff_verdict import verdicts

from .curves import curve, panel

GOOD = ((0.2, 0.2), (0.8, 0.4))
BAD = ((0.2, 0.4), (0.8, 0.8))
CROSSING = ((0.2, 0.1), (0.8, 0.7))


def said(*found):
    return verdicts(duels(found, [0.3, 0.5, 0.7]))


class TestVerdicts:
    def test_a_neutral_referee_decides(self):
        (line,) = said(panel(curve("a", *BAD), curve("b", *GOOD)))
        assert line == (
            "**b is better than a** at matched content SSIM by judge, neither network's own, "
            "at all 3 levels compared: its style distance is 50 % smaller."
        )

    def test_a_referee_that_competes_decides_nothing_beside_a_neutral_one(self):
        own = panel(curve("a", *GOOD, own=True), curve("b", *BAD), judge="a")
        neutral = panel(curve("a", *BAD), curve("b", *GOOD), judge="c")
        (line,) = said(own, neutral)
        assert "b is better than a" in line
        assert "by c, neither" in line

    def test_the_order_may_depend_on_the_level(self):
        (line,) = said(panel(curve("a", *GOOD), curve("b", *CROSSING)))
        assert "depends" in line
        assert "a better at 2, b better at 1 of 3 levels" in line

    def test_winning_by_the_others_own_network_counts(self):
        first = panel(curve("a", *GOOD, own=True), curve("b", *BAD), judge="a")
        second = panel(curve("a", *GOOD), curve("b", *BAD, own=True), judge="b")
        (line,) = said(first, second)
        assert "a is better than b" in line
        assert "even by b, b's own network, at all 6 levels" in line
        (alone,) = said(second)
        assert "a is better than b" in alone

    def test_each_by_its_own_network_is_undecided(self):
        first = panel(curve("a", *GOOD, own=True), curve("b", *BAD), judge="a")
        second = panel(curve("a", *BAD), curve("b", *GOOD, own=True), judge="b")
        (line,) = said(first, second)
        assert "undecided" in line
        assert "by a: a † better at 3 of 3 levels" in line
        (alone,) = said(first)
        assert "undecided" in alone

    def test_one_referee_that_is_both_decides_nothing(self):
        (line,) = said(panel(curve("a", *GOOD, own=True), curve("b", *BAD, own=True)))
        assert "no statement" in line

    def test_without_a_shared_level_only_outdoing_everything_counts(self):
        far = curve("b", (0.05, 0.6), (0.1, 0.7))
        (better,) = said(panel(curve("a", *GOOD), far))
        assert "a is better than b" in better
        assert "share none of the levels of SSIM, but every picture of b is outdone" in better
        (open_,) = said(panel(curve("a", *GOOD), curve("b", (0.05, 0.01), (0.1, 0.7))))
        assert "no statement, for they share none of the levels" in open_
        (own,) = said(panel(curve("a", *GOOD, own=True), far))
        assert "no statement" in own

    def test_a_neutral_referee_without_a_shared_level_is_still_the_one_to_ask(self):
        own = panel(curve("a", *GOOD, own=True), curve("b", *BAD), judge="a")
        neutral = panel(curve("a", *GOOD), curve("b", (0.1, 0.9)), judge="c")
        (line,) = said(own, neutral)
        assert "a is better than b** by c, neither network's own: they share none of the levels" in line

    def test_equal_networks_are_called_equal(self):
        (line,) = said(panel(curve("a", *GOOD), curve("b", *GOOD)))
        assert "equal within 1 %" in line

    def test_many_pairs_are_cut(self):
        lines = said(panel(*(curve(f"n{number}", *GOOD) for number in range(6))))
        assert len(lines) == 11
        assert "and 5 more" in lines[-1]

    def test_decisions_come_first_and_those_on_one_network_after_others(self):
        own = [curve("a", *GOOD, backbone="x"), curve("b", *BAD, backbone="x")]
        lines = said(panel(*own, curve("c", *CROSSING), curve("d", (0.2, 0.9), (0.8, 0.95))))
        assert ["is better" in line for line in lines] == [True] * 5 + [False]
        assert lines[4].startswith("**a is better than b**")

    def test_many_panels_are_summed_up(self):
        found = [panel(curve("a", *GOOD), curve("b", *CROSSING), judge=f"judge {number}") for number in range(6)]
        (line,) = said(*found)
        assert line.endswith("6 panels: a better at 12, b better at 6 of 18 levels.")
