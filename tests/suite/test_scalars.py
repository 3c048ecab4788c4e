from __future__ import annotations

import pytest

from nstbench.suite.scalars import resolve

NUMBERS = {
    "1e5": 1e5,
    "1.0e5": 1e5,
    "1.0e+5": 1e5,
    ".5": 0.5,
    "1.": 1.0,
    "-2.5E-3": -2.5e-3,
    "+7": 7,
    "017": 17,
    "0o17": 15,
    "0x1F": 31,
}


@pytest.mark.parametrize("text", NUMBERS)
def test_numbers(text: str) -> None:
    value = resolve(text, quoted=False, tag=None)
    assert value == NUMBERS[text]
    assert type(value) is type(NUMBERS[text])


@pytest.mark.parametrize(
    "text", ["yes", "no", "on", "off", "y", "1_000", "0b11", "2001-01-01", "1:30", "1e", "nan", "inf", "+"]
)
def test_text(text: str) -> None:
    assert resolve(text, quoted=False, tag=None) == text


@pytest.mark.parametrize("text", ["1e5", "true", "null", "", ".nan", "~"])
def test_quotes_make_text(text: str) -> None:
    assert resolve(text, quoted=True, tag=None) == text
    assert resolve(text, quoted=False, tag="!") == text
    assert resolve(text, quoted=False, tag="tag:yaml.org,2002:str") == text


def test_words() -> None:
    assert resolve("true", quoted=False, tag=None) is True
    assert resolve("FALSE", quoted=False, tag=None) is False
    assert resolve("", quoted=False, tag=None) is None
    assert resolve("tRue", quoted=False, tag=None) == "tRue"


@pytest.mark.parametrize("text", [".nan", ".NaN", ".inf", "-.INF", "1e999", "-1e999"])
def test_not_finite(text: str) -> None:
    with pytest.raises(ValueError, match="finite"):
        resolve(text, quoted=False, tag=None)


@pytest.mark.parametrize("text", ["9" * 30, "9" * 100_000, "0x" + "f" * 17, "1." + "0" * 500])
def test_too_large(text: str) -> None:
    with pytest.raises(ValueError, match="too large") as caught:
        resolve(text, quoted=False, tag=None)
    assert len(str(caught.value)) < 120


@pytest.mark.parametrize("tag", ["!foo", "tag:yaml.org,2002:python/name:os.system", "tag:yaml.org,2002:binary"])
def test_unknown_tag(tag: str) -> None:
    with pytest.raises(ValueError, match="tag"):
        resolve("x", quoted=False, tag=tag)


def test_core_tags() -> None:
    core = "tag:yaml.org,2002:"
    assert resolve("5", quoted=True, tag=f"{core}int") == 5
    assert resolve("5", quoted=False, tag=f"{core}float") == 5
    for text, kind in (("true", "int"), ("x", "int"), ("5", "bool"), ("5", "null")):
        with pytest.raises(ValueError, match="tag"):
            resolve(text, quoted=False, tag=f"{core}{kind}")


@pytest.mark.parametrize("text", ["a\0b", "\x1b[31m", "\ud800", "\x7f"])
def test_control_characters(text: str) -> None:
    with pytest.raises(ValueError, match="control"):
        resolve(text, quoted=True, tag=None)
