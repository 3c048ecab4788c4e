"""Pictures that cannot be used: exit code 2, a remedy, and no half-written run."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from .suites import CONTENT, TORCH, Refused, WriteSuite, assert_nothing_ran, picture


def truncated_png() -> None:
    data = picture("bad.png").read_bytes()
    Path("bad.png").write_bytes(data[: len(data) // 2])


def png_with_a_wrong_checksum() -> None:
    data = bytearray(picture("bad.png").read_bytes())
    data[len(data) // 2] ^= 0xFF
    Path("bad.png").write_bytes(data)


def png_that_claims_to_be_huge() -> None:
    data = bytearray(picture("bad.png").read_bytes())
    data[16:24] = struct.pack(">II", 100_000, 100_000)
    data[29:33] = struct.pack(">I", zlib.crc32(data[12:29]))
    Path("bad.png").write_bytes(data)


@pytest.mark.parametrize("command", ["plan", "run"])
def test_a_missing_picture(command: str, write_suite: WriteSuite, refused: Refused) -> None:
    said = refused(command, write_suite((CONTENT, "pictures/cat.jpg")))
    assert "image chelsea: " in said and "pictures/cat.jpg does not exist" in said and "--images-dir" in said
    assert len(said.splitlines()) == 1


@pytest.mark.parametrize("command", ["plan", "run"])
def test_a_folder_instead_of_a_picture(command: str, write_suite: WriteSuite, refused: Refused) -> None:
    Path("cat.jpg").mkdir()
    assert "cat.jpg is a folder, not an image" in refused(command, write_suite((CONTENT, "cat.jpg")))


@pytest.mark.parametrize("command", ["plan", "run"])
def test_a_folder_in_the_folder_of_pictures(command: str, write_suite: WriteSuite, refused: Refused) -> None:
    Path("pictures/chelsea.jpg").mkdir(parents=True)
    assert "chelsea.jpg is a folder" in refused(command, write_suite(), "--images-dir", "pictures")


def test_an_unknown_picture_of_skimage(write_suite: WriteSuite, refused: Refused) -> None:
    assert "did you mean 'chelsea'" in refused("run", write_suite((CONTENT, "skimage:chelsae")))


def test_a_device_file_instead_of_a_picture(write_suite: WriteSuite, refused: Refused) -> None:
    assert "not a file" in refused("run", write_suite((CONTENT, "/dev/zero")))


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (truncated_png, "truncated"),
        (png_with_a_wrong_checksum, ""),
        (png_that_claims_to_be_huge, "too many pixels"),
        (lambda: Path("bad.png").touch(), "the file is empty"),
        (lambda: Path("bad.png").write_text("<svg/>"), "of a kind that is not known"),
        (lambda: picture("bad.png", (640, 20)), "64x2 px after resizing from 640x20 is below 32 px"),
        (lambda: picture("bad.png", (31, 48)), "31x48 px is below 32 px"),
    ],
)
def test_a_picture_that_cannot_be_used(
    make: Callable[[], object], reason: str, write_suite: WriteSuite, nstbench: Callable
) -> None:
    make()
    ended = nstbench("run", write_suite((CONTENT, "bad.png"), TORCH), "--out", "out")
    assert ended.code == 2
    assert "image chelsea: " in ended.err and reason in ended.err
    assert len(ended.err.strip().splitlines()) == 1 and ended.err.count(". ") == 1
    assert_nothing_ran()
    picture("bad.png")  # mended
    assert nstbench("plan", "small.yaml", "--out", "out").code == 0


def test_every_bad_picture_is_named(write_suite: WriteSuite, nstbench: Callable) -> None:
    picture("small.png", (20, 20))
    Path("broken.png").write_text("no picture")
    suite = write_suite((CONTENT, "small.png"), ('"skimage:immunohistochemistry"', "broken.png"), TORCH)
    ended = nstbench("run", suite)
    assert ended.code == 2
    lines = ended.err.strip().splitlines()
    assert len(lines) == 2
    assert sorted(line.split(":")[0] for line in lines) == ["image chelsea", "image ihc"]
