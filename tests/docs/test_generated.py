"""Pages that a program writes are what it would write now."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import msgspec
import pytest

import generate
from nstbench.suite import schema

SUITE = (generate.FOLDER / "docs/reference/suite.md").read_text(encoding="utf-8")


def test_they_are_current() -> None:
    assert generate.outdated() == [], "run python documentation/generate.py"


def test_one_that_is_old_is_noticed(tmp_path: Path) -> None:
    for name in generate.PAGES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(generate.FOLDER / name, tmp_path / name)
    assert generate.outdated(tmp_path) == []
    suite, formulas, readme = (tmp_path / name for name in generate.PAGES)
    suite.write_text(SUITE.replace("512", "256"))
    formulas.unlink()
    readme.write_text(readme.read_text(encoding="utf-8").replace("| layer set |", "| set |"))
    assert generate.outdated(tmp_path) == list(generate.PAGES)


@pytest.mark.parametrize(
    "name", [name for name in schema.__all__ if hasattr(getattr(schema, name), "__struct_fields__")]
)
def test_every_key_of_a_suite_is_there_with_its_meaning(name: str) -> None:
    rows = re.findall(r"^\| `(\w+)` \| (.*?) \| (.*?) \| (.*?) \| (.*?) \|$", SUITE, flags=re.MULTILINE)
    keys = {key for key, *_ in rows}
    assert {field.name for field in msgspec.structs.fields(getattr(schema, name))} <= keys
    assert [key for key, *cells in rows if not all(cells)] == []
