from __future__ import annotations

import random
import time
from pathlib import Path

import pytest

from nstbench.errors import SuiteError
from nstbench.suite import load_suite, parse_suite
from nstbench.suite.tree import find, plain
from nstbench.suite.yaml import MAX_DEPTH, MAX_NODES, parse


def read(text: str) -> object:
    return plain(parse(text, lambda line: f"x:{line}"))


def refusal(text: str) -> str:
    with pytest.raises(SuiteError) as caught:
        parse(text, lambda line: f"x:{line}")
    return str(caught.value)


def test_values_and_places() -> None:
    root = parse("a: 1\nb:\n  c:\n    - yes\n    - 1e5\n  d: {e: true}\n", lambda line: f"x:{line}")
    assert plain(root) == {"a": 1, "b": {"c": ["yes", 1e5], "d": {"e": True}}}
    places = {path: find(root, path).place for path in [("b",), ("b", "c"), ("b", "c", 1), ("b", "d", "e"), ("b", "z")]}
    assert list(places.values()) == ["x:2", "x:3", "x:5", "x:6", "x:2"]


def test_keys_are_text_as_written() -> None:
    assert read("2001: a\n1e5: b\ntrue: c\n") == {"2001": "a", "1e5": "b", "true": "c"}


def test_aliases_are_copies_in_place() -> None:
    root = parse("a: &a [1, {b: 2}]\nc: *a\n", lambda line: f"x:{line}")
    assert plain(root) == {"a": [1, {"b": 2}], "c": [1, {"b": 2}]}
    assert find(root, ("c",)).place == "x:2"


def test_nothing_is_null() -> None:
    assert read("") is None
    assert read("# only a comment\n") is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: 1\nb: 2\na: 3\n", "x:3: the key 'a' is given twice"),
        ("a: {b: 1, 'b': 2}", "x:1: the key 'b' is given twice"),
        ("a: !foo b", "tag '!foo'"),
        ("a: !foo [b]", "tag '!foo'"),
        ("!foo {a: b}", "tag '!foo'"),
        ("!foo a: b", "tag '!foo'"),
        ("a: !!python/object/apply:os.system [ls]", "tag '!!python/object/apply:os.system'"),
        ("a: !!set {b}", "tag '!!set'"),
        ("a: !<tag:example.com,2000:x> b", "tag"),
        ("a: .nan", "finite"),
        ("a: -.inf", "finite"),
        ("a: &a {b: 1}\nc:\n  <<: *a\n", "x:3: merge keys"),
        ("? [a]\n: b", "a key must be text"),
        ("a: &a b\n*a : c", "a key must be text"),
        ("a: 1\n---\nb: 2\n", "second one starts here"),
        ("a: *b", "alias '*b'"),
        ("a: &a [*a]", "alias '*a'"),
        ("a:\n\tb: 1", "x:2: this is not YAML"),
        ("a: 'b", "this is not YAML"),
        ("a: {b", "this is not YAML"),
        ("a: b: c", "x:1: this is not YAML"),
        ('a: 1\nb: "\\UFFFFFFFF"', "x:2: "),
        ("a: 1\nb: \x01", "x:2: the text contains characters"),
        ('a: "\\0"', "control characters"),
        ('a: "\\uD800"', "control characters"),
    ],
)
def test_refused(text: str, words: str) -> None:
    message = refusal(text)
    assert words in message
    assert message.startswith("x:")


def test_alias_bomb_costs_nothing() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 60)]
    started = time.monotonic()
    assert f"more than {MAX_NODES} values" in refusal("\n".join(lines))
    assert time.monotonic() - started < 10


def test_number_of_nodes() -> None:
    # The list, its items.
    assert len(read("[" + "1," * (MAX_NODES - 1) + "]")) == MAX_NODES - 1  # type: ignore[arg-type]
    assert "more than" in refusal("[" + "1," * MAX_NODES + "]")


@pytest.mark.parametrize("text", ["[" * 40_000, "{a: " * 10_000, "- " * 20_000, "[\n" * 100_000])
def test_deep_nesting(text: str) -> None:
    assert "nested more than" in refusal(text)


def test_line_length() -> None:
    assert refusal("a: b\nc: !" + "t" * 60_000) == "x:2: the line is longer than 50000 characters"


def test_depth_through_aliases() -> None:
    half = MAX_DEPTH // 2 + 1
    nested = "[" * half + "1" + "]" * half
    deeper = "[" * half + "*a" + "]" * half
    assert "nested more than" in refusal(f"a: &a {nested}\nb: {deeper}")
    assert read(f"a: &a {nested}\nb: [*a]") is not None


def test_depth_allowed() -> None:
    assert read("[" * MAX_DEPTH + "]" * MAX_DEPTH) is not None


def test_messages_never_print_whole_values() -> None:
    for text in (f"{'k' * 500}: 1\n{'k' * 500}: 2", f"a: !{'t' * 500} 1", f"a: *{'b' * 500}", f"a: {'9' * 500}"):
        assert len(refusal(text)) < 150


def test_file_over_one_megabyte(tmp_path: Path) -> None:
    path = tmp_path / "big.yaml"
    path.write_text("# " + "x" * 1_000_000)
    with pytest.raises(SuiteError, match="larger than 1 MB"):
        load_suite(path)


def test_random_bytes_raise_only_suite_errors(tmp_path: Path, base: str) -> None:
    rng = random.Random(0)
    alphabet = "abc019:-?!&*[]{},|>'\"%@`#\n\n\t  \\.~<=eE_\x00\x85\u2028\ufeffé"
    path = tmp_path / "x.yaml"
    for case in range(600):
        if case % 3 == 0:
            data = rng.randbytes(rng.randrange(80))
        elif case % 3 == 1:
            data = "".join(rng.choices(alphabet, k=rng.randrange(120))).encode()
        else:
            where = rng.randrange(len(base))
            data = (base[:where] + "".join(rng.choices(alphabet, k=3)) + base[where + rng.randrange(4) :]).encode()
        path.write_bytes(data)
        try:
            load_suite(path)
        except SuiteError as error:
            message = str(error)
            assert len(message) - len(str(path)) < 400, data
            assert message.startswith(str(path)), data


def test_utf8_with_byte_order_mark(base: str, tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + base.encode())
    assert load_suite(path).name == "small"
    path.write_bytes(base.encode("utf-16"))
    with pytest.raises(SuiteError, match="not UTF-8"):
        load_suite(path)
    path.write_bytes(base.encode() + b"# \xff\n")
    with pytest.raises(SuiteError, match=f"x.yaml:{base.count(chr(10)) + 1}: the suite is not UTF-8"):
        load_suite(path)


def test_crlf(base: str) -> None:
    suite = parse_suite(base.replace("\n", "\r\n"), Path("x.yaml"))
    assert suite.place("backbones", "vgg19", "style_weight") == "x.yaml:12"
