"""``repeats``, ``init_noise`` and ``init`` in a suite."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jsonschema
import msgspec
import pytest

from nstbench.errors import SuiteError
from nstbench.suite import Cell, Suite, expand, json_schema, parse_suite, resolved, variations
from nstbench.suite.grid import count_cells

Make = Callable[..., Suite]


def test_each_cell_is_there_once_per_repeat_side_by_side(suite: Make, catalogue: Any) -> None:
    made = suite(overrides=["repeats=3", "seed=[0, 1]"])
    grid = expand(made, catalogue)
    assert len(grid) == count_cells(made.spec) == 12
    assert [(cell.seed, cell.repeat) for cell in grid[:6]] == [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2)]
    assert len({cell.id for cell in grid}) == 12
    assert variations(grid)[grid[1].id] == "seed=0 repeat=1"


@pytest.mark.parametrize(
    ("overrides", "noise"),
    [([], 0.0), (["repeats=2"], 1.0), (["repeats=2", "init_noise=0"], 0.0), (["init_noise=2.5"], 2.5)],
)
def test_repeats_bring_noise_of_one_grey_level_unless_told_otherwise(
    suite: Make, catalogue: Any, overrides: list[str], noise: float
) -> None:
    assert {cell.init_noise for cell in expand(suite(overrides=overrides), catalogue)} == {noise}


def test_folders_of_runs_without_repeats_keep_their_names(suite: Make, catalogue: Any) -> None:
    plain, repeated = (expand(suite(overrides=more), catalogue)[0] for more in ([], ["repeats=2", "init_noise=0"]))
    assert plain.id == repeated.id  # repeat 0 without noise is the same transfer
    assert msgspec.structs.replace(plain, repeat=1).id != plain.id != msgspec.structs.replace(plain, init_noise=1).id


@pytest.mark.parametrize("init", ["content", "[noise, mixed]", "file:start.png", "[style, 'file: a b.png']"])
def test_inits(suite: Make, catalogue: Any, init: str) -> None:
    made = suite(overrides=[f"init={init}", "repeats=2", "init_noise=0.5"])
    jsonschema.validate(msgspec.json.decode(msgspec.json.encode(resolved(made))), json_schema())
    assert parse_suite(msgspec.json.encode(resolved(made)).decode(), made.path).spec == made.spec
    grid = expand(made, catalogue)
    assert msgspec.json.decode(msgspec.json.encode(grid), type=tuple[Cell, ...]) == grid


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("init", "contnet", "content, style, noise, mixed or file:PATH, not 'contnet'; did you mean 'content'?"),
        ("init", ["content", "mixd"], "not 'mixd'; did you mean 'mixed'?"),
        ("init", "file:", "or file:PATH, not 'file:'"),
        ("repeats", 0, "a whole number from 1 to 1000, not 0"),
        ("repeats", 2.5, "a whole number from 1 to 1000, not 2.5"),
        ("init_noise", -1, "a number of grey levels from 0 to 255, not -1"),
    ],
)
def test_refused(suite: Make, key: str, value: object, message: str) -> None:
    text = msgspec.json.encode(value).decode()
    with pytest.raises(SuiteError) as refused:
        suite(overrides=[f"{key}={text}"])
    assert str(refused.value).startswith(f"--set {key}") and message in str(refused.value)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(value, json_schema()["$defs"]["SuiteSpec"]["properties"][key])
