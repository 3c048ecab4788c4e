"""Families in files: rows are read one by one, when they are asked for."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from nstbench.plugin.tables import Family, Layer, Row, read_family, write_rows

GOOD = Row(
    name="good",
    layers=(Layer("stem", 27.0, 4.0), Layer("top", 63.0, 8.0, "1.out")),
    content=("top",),
    style=("stem", "top"),
)
LEFT_OUT = Row(name="left-out", reason="takes pictures of one size only")


@pytest.fixture
def family(tmp_path: Path) -> Family:
    path = tmp_path / "rows.jsonl"
    write_rows(path, [LEFT_OUT, GOOD])
    path.write_text(path.read_text() + '{"name": "bad", "layers": 5}\n')
    return read_family(path, family="zoo", backend="torch", target="a:b", tensors="a:c", requires=("zoo",), code=("d",))


def test_names_are_those_that_are_offered(family: Family) -> None:
    assert list(family) == ["zoo:good", "zoo:bad"] and len(family) == 2
    assert "zoo:good" in family and "zoo:left-out" not in family and "zoo:none" not in family


def test_a_network_is_described_when_it_is_asked_for(family: Family) -> None:
    good = family["zoo:good"]
    assert good.layers == {"stem": "stem", "top": "1.out"} and good.costs["top"].macs == 63.0
    assert (good.requires, good.code, good.weights) == (("zoo",), ("d",), ("random", "file"))
    with pytest.raises(msgspec.ValidationError, match="layers"):
        family["zoo:bad"]
    with pytest.raises(KeyError):
        family["zoo:left-out"]


def test_another_row_replaces_the_one_of_its_name_alone(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    write_rows(path, [LEFT_OUT, GOOD])
    write_rows(path, [Row(name="good", reason="it has gone")])
    assert [msgspec.json.decode(line, type=Row) for line in path.read_bytes().splitlines()] == [
        Row(name="good", reason="it has gone"),
        LEFT_OUT,
    ]
