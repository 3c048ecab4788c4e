from __future__ import annotations

import pytest

from nstbench.watch.browser import can_show


@pytest.mark.parametrize(
    ("environment", "platform", "shown"),
    [
        ({}, "linux", False),
        ({"DISPLAY": ""}, "linux", False),
        ({"DISPLAY": ":0"}, "linux", True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", True),
        ({"BROWSER": "firefox"}, "linux", True),
        ({}, "darwin", True),
        ({"SSH_CONNECTION": "a b"}, "darwin", False),
    ],
)
def test_only_where_there_is_a_screen(environment: dict[str, str], platform: str, shown: bool) -> None:
    assert can_show(environment, platform) is shown
