"""Pictures, weights, folders and devices that cannot be used: exit code 2, a remedy, and no half-written run."""

from __future__ import annotations

import json
import resource
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

Refused = Callable[..., str]
WriteSuite = Callable[..., Path]

CONTENT = '"skimage:chelsea"'
TORCH = ("backends: [torch, tensorflow]", "backends: [torch]")


def picture(path: str, size: tuple[int, int] = (48, 40)) -> Path:
    values = np.random.default_rng(0).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    Image.fromarray(values).save(path)
    return Path(path)


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


def assert_nothing_ran(out: str = "out") -> None:
    assert not Path(out).exists()


def test_every_bad_picture_is_named(write_suite: WriteSuite, nstbench: Callable) -> None:
    picture("small.png", (20, 20))
    Path("broken.png").write_text("no picture")
    suite = write_suite((CONTENT, "small.png"), ('"skimage:immunohistochemistry"', "broken.png"), TORCH)
    ended = nstbench("run", suite)
    assert ended.code == 2
    lines = ended.err.strip().splitlines()
    assert len(lines) == 2
    assert sorted(line.split(":")[0] for line in lines) == ["image chelsea", "image ihc"]


def canonical(data: bytes, shapes: Mapping[str, tuple[int, ...]]) -> bytes:
    """A weights file of nstbench with these tensors, whatever data follow."""
    header: dict[str, object] = {}
    end = 0
    for name, shape in shapes.items():
        size = 4 * int(np.prod(shape))
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [end, end + size]}
        end += size
    preprocessing = {"channels": "RGB", "mean": [0, 0, 0], "std": [1, 1, 1]}
    about = {"name": "mine", "backbone": "vgg19", "architecture": "keras", "preprocessing": preprocessing}
    header["__metadata__"] = {"nstbench": json.dumps(about)}
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


BAD_WEIGHTS = {
    "mine.safetensors": canonical(b"\0" * 100, {"block1_conv1/kernel": (3, 3, 3, 64)}),
    "no-header.safetensors": b"\x10\0\0\0",
    "empty.safetensors": b"",
    "other.safetensors": canonical(b"\0" * 16, {"dense/kernel": (2, 2)}),
    "mine.h5": b"\x89HDF\r\n\x1a\n" + b"\0" * 40,
    "text.h5": b"these are no weights",
}


@pytest.mark.parametrize("name", BAD_WEIGHTS)
def test_a_weight_file_that_cannot_be_read(name: str, write_suite: WriteSuite, nstbench: Callable) -> None:
    Path(name).write_bytes(BAD_WEIGHTS[name])
    refuses_weights(nstbench, write_suite(("random:0", f"file:{name}"), TORCH), name)


@pytest.mark.torch
def test_a_truncated_file_of_torch(write_suite: WriteSuite, nstbench: Callable) -> None:
    Path("mine.pth").write_bytes(b"PK\x03\x04" + b"\0" * 1000)
    refuses_weights(nstbench, write_suite(("random:0", "file:mine.pth"), TORCH), "mine.pth")


def refuses_weights(nstbench: Callable, suite: Path, name: str) -> None:
    ended = nstbench("run", suite, "--out", "out")
    assert ended.code == 2, ended.out + ended.err
    assert name in ended.err
    assert len(ended.err.strip().splitlines()) == 1 and ended.err.count(". ") <= 1
    assert len(ended.err) < 500
    assert_nothing_ran()


@pytest.mark.parametrize("command", ["plan", "run"])
@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("gone.h5", "gone.h5 does not exist"),
        ("gone.safetensors", "gone.safetensors does not exist"),
        ("folder.h5", "folder.h5 is a folder"),
        ("weights.txt", "'.txt' file"),
    ],
)
def test_a_weight_file_that_is_none(
    command: str, name: str, reason: str, write_suite: WriteSuite, refused: Refused
) -> None:
    Path("folder.h5").mkdir()
    assert reason in refused(command, write_suite(("random:0", f"file:{name}")))


@pytest.mark.parametrize("command", ["plan", "run"])
def test_a_published_file_with_a_wrong_hash(command: str, write_suite: WriteSuite, refused: Refused) -> None:
    path = Path("weights/vgg19_weights_tf_dim_ordering_tf_kernels_notop.h5")
    path.parent.mkdir()
    path.write_bytes(b"\x89HDF\r\n\x1a\n" + b"\0" * 1000)
    said = refused(command, write_suite(("random:0", "keras-imagenet")), "--weights-dir", "weights")
    assert str(path) in said and "is damaged or another file" in said and "--weights-dir" in said
    assert len(said.splitlines()) == 1


def test_a_folder_of_weights_that_is_not_there(write_suite: WriteSuite, refused: Refused) -> None:
    suite = write_suite(("random:0", "keras-imagenet"))
    assert "nowhere is not a folder" in refused("run", suite, "--weights-dir", "nowhere")


def test_weights_for_another_network(write_suite: WriteSuite, refused: Refused) -> None:
    said = refused("plan", write_suite(("random:0", "torchvision-imagenet1k-v2")))
    assert "vgg19 takes no weights 'torchvision-imagenet1k-v2'" in said


@pytest.mark.parametrize("out", ["file", "file/out", "/proc/nstbench", "/dev/null", "/dev/full/out", "x" * 300])
def test_an_output_folder_that_cannot_be_written(out: str, write_suite: WriteSuite, refused: Refused) -> None:
    """Root may write where permissions say no, so these are places where nobody can."""
    Path("file").write_text("mine")
    said = refused("run", write_suite(), "--out", out)
    assert "--out" in said or "File name too long" in said


def test_the_usual_output_folder_cannot_be_made(write_suite: WriteSuite, refused: Refused) -> None:
    Path("reports").write_text("mine")
    assert "reports/small" in refused("run", write_suite())


@pytest.mark.parametrize("options", [(), ("--fresh",), ("--retry", "all")])
def test_somebody_elses_folder(options: tuple[str, ...], write_suite: WriteSuite, refused: Refused) -> None:
    Path("thesis/cells").mkdir(parents=True)
    Path("thesis/chapter1.tex").write_text("years of work")
    said = refused("run", write_suite(), "--out", "thesis", *options)
    assert "thesis holds files that are not a run" in said


@pytest.mark.parametrize("options", [(), ("--fresh",)])
def test_a_published_example(options: tuple[str, ...], write_suite: WriteSuite, refused: Refused) -> None:
    Path("example").mkdir()
    Path("example/run.json").write_text('{"schema": 1, "nstbench": "0.1.0", "frozen": true}')
    assert "never changed" in refused("run", write_suite(), "--out", "example", *options)


def test_no_room_on_the_disk(write_suite: WriteSuite) -> None:
    """Every write fails, as on a full disk; only that nothing needs to be filled for it."""
    command = [sys.executable, "-m", "nstbench", "run", str(write_suite()), "--out", "out"]
    limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))  # noqa: E731
    done = subprocess.run(command, preexec_fn=limit, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2, done.stderr
    assert len(done.stderr.strip().splitlines()) == 1 and "Choose another" in done.stderr
    assert [path.name for path in Path("out").rglob("*")] in ([], [".nstbench.lock"])


@pytest.mark.parametrize("place", ["file/cache", "/proc/nstbench"])
def test_a_cache_that_cannot_be_written_is_no_obstacle_to_a_plan(
    place: str, nstbench: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("file").touch()
    monkeypatch.setenv("NSTBENCH_CACHE_DIR", place)
    assert nstbench("plan", "quickstart").code == 0
    assert nstbench("backbones").code == 0


def test_a_cache_that_cannot_be_written_stops_a_run_at_once(
    write_suite: WriteSuite, nstbench: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("file").touch()
    monkeypatch.setenv("NSTBENCH_CACHE_DIR", "file/cache")
    ended = nstbench("run", write_suite(), "--out", "out")
    assert ended.code == 2 and "file/cache" in ended.err
    assert_nothing_ran()


@pytest.mark.parametrize("command", ["plan", "run"])
@pytest.mark.parametrize(
    ("device", "reason"),
    [
        ("cuda", "no NVIDIA GPU"),
        ("cuda:7", "no NVIDIA GPU"),
        ("gpu", "'gpu' is not one of auto, cpu, cuda, cuda:N"),
        ("cuda:x", "is not one of"),
        ("cuda:", "is not one of"),
        ("cuda:-1", "is not one of"),
        ("cpu:0", "is not one of"),
        ("", "is not one of"),
        ("CUDA", "is not one of"),
    ],
)
def test_a_device_that_is_not_there(
    command: str, device: str, reason: str, write_suite: WriteSuite, refused: Refused
) -> None:
    said = refused(command, write_suite(), "--device", device)
    assert reason in said and "--device" in said


@pytest.mark.parametrize("folder", ["nowhere", ".", "file"])
def test_a_report_of_what_is_no_run(folder: str, refused: Refused) -> None:
    Path("file").touch()
    assert folder in refused("report", folder) or folder == "."


@pytest.mark.parametrize("text", ["", "[]", "{", '{"schema": 99, "nstbench": "9.0"}', '{"schema": "x"}'])
def test_a_report_of_a_damaged_run(text: str, refused: Refused) -> None:
    Path("run").mkdir()
    Path("run/run.json").write_text(text)
    refused("report", "run")


def test_a_damaged_line_of_records_is_not_the_end(write_suite: WriteSuite, nstbench: Callable) -> None:
    """The last line can be torn by a power cut."""
    Path("out").mkdir()
    Path("out/.nstbench.lock").touch()
    Path("out/records.jsonl").write_bytes(b'{"cell": "a", "conte')
    assert nstbench("plan", write_suite(), "--out", "out").code == 0


def test_a_folder_that_another_run_writes_to(write_suite: WriteSuite, nstbench: Callable) -> None:
    suite = write_suite(TORCH)
    Path("out").mkdir()
    hold = "import fcntl, sys; f = open('out/.nstbench.lock', 'w'); fcntl.flock(f, 2); print('held'); sys.stdin.read()"
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-uc", hold], text=True, **pipes) as other:
        assert other.stdout.readline() == "held\n"
        ended = nstbench("run", suite, "--out", "out")
        other.stdin.close()
    assert ended.code == 2 and "another run is writing to out" in ended.err
    assert Path("out/.nstbench.lock").exists()
    assert nstbench("run", suite, "--out", "out").code == 0  # what was left behind does not block
