from __future__ import annotations

import pandas as pd

from nstbench.report.markdown import fence, inline, shorten, table


def test_inline_cannot_leave_its_cell():
    assert inline("a|b\nc\td\x00<b>`x`</b> \u2028[l](u) \\") == "a\\|b c d &lt;b&gt;\\`x\\`&lt;/b&gt; \\[l\\](u) \\\\"
    assert inline("naïve ☃ block1_conv1") == "naïve ☃ block1_conv1"
    assert inline("_not_ __init__ a_") == r"\_not\_ \_\_init\_\_ a\_"


def test_shorten():
    assert shorten("x\n y", 10) == "x y"
    assert len(shorten("word " * 100)) <= 160
    assert shorten("word " * 100).endswith("…")


def test_a_fence_is_longer_than_what_it_holds():
    assert fence("plain\n", "yaml") == "```yaml\nplain\n```"
    text = fence("a ```` b\n```\n")
    assert text.startswith("`````\n")
    assert text.endswith("\n`````")


def test_numbers_in_tables_are_left_as_they_are():
    lines = table(pd.DataFrame({"a|b": ["8.83e5", "1,234"]})).splitlines()
    assert "a\\|b" in lines[0]
    assert [line.strip("| ") for line in lines[2:]] == ["8.83e5", "1,234"]
