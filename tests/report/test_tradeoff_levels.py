from __future__ import annotations

import pytest

from nstbench.report.tradeoff_levels import duels, levels

from .curves import curve, panel


class TestLevels:
    def test_round_levels_inside_two_ranges(self):
        one = panel(curve("a", (0.31, 0.2), (0.82, 0.8)), curve("b", (0.12, 0.1), (0.65, 0.7)))
        assert levels([one]) == [0.4, 0.5, 0.6]

    def test_narrow_ranges_get_finer_levels(self):
        one = panel(curve("a", (0.41, 0.2), (0.9, 0.8)), curve("b", (0.3, 0.1), (0.52, 0.7)))
        assert levels([one]) == [0.42, 0.44, 0.46, 0.48, 0.5, 0.52]

    def test_ranges_apart_share_no_level(self):
        assert levels([panel(curve("a", (0.1, 0.1), (0.3, 0.3)), curve("b", (0.5, 0.1), (0.9, 0.3)))]) == []

    def test_a_network_alone_has_its_own_range(self):
        assert levels([panel(curve("a", (0.55, 0.1), (0.81, 0.3)))]) == [0.6, 0.7, 0.8]

    def test_duels_compare_only_where_both_have_a_value(self):
        one = panel(curve("a", (0.2, 0.2), (0.6, 0.6)), curve("b", (0.4, 0.2), (0.8, 0.6)))
        (duel,) = duels([one], [0.3, 0.4, 0.5, 0.6, 0.7])
        assert duel.distances == (
            (pytest.approx(0.4), 0.2),
            (pytest.approx(0.5), pytest.approx(0.3)),
            (0.6, pytest.approx(0.4)),
        )
        assert duel.wins == (0, 3)

    def test_a_hair_is_no_win(self):
        one = panel(curve("a", (0.2, 0.2), (0.6, 0.6)), curve("b", (0.2, 0.201), (0.6, 0.601)))
        (duel,) = duels([one], [0.3, 0.5])
        assert duel.wins == (0, 0)
