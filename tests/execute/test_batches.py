"""Which cells are optimised together."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

import nstbench
from nstbench.errors import SuiteError
from nstbench.execute import batches as module
from nstbench.execute.batches import batches, companions
from nstbench.execute.estimate import estimate
from nstbench.execute.plan import Plan
from nstbench.measure import device

FAKE = {"weights": "fake-weights", "content_layers": ["mix2"]}
SETS = [["mix1"], ["mix2"], ["mix1", "mix2"]]


def plan_of(lab: Any, layers: Any = SETS, **changes: Any) -> Plan:
    options = changes.pop("options", {})
    return nstbench.plan(lab.suite(layers, **changes), out=lab.folder().path, **options)


def named(found: Any) -> list[list[str]]:
    return [[f"{cell.style}/{cell.layer_set}" for cell in batch] for batch in found]


def test_cells_go_alone_unless_the_suite_says_otherwise(lab: Any) -> None:
    assert batches(plan_of(lab)) == ()
    assert batches(plan_of(lab, batch=1)) == ()


@pytest.mark.parametrize(("size", "sizes"), [(128, [4, 2]), (129, [])])
def test_on_a_cpu_auto_is_for_small_pictures(lab: Any, size: int, sizes: list[int]) -> None:
    lab.suite()
    Image.new("RGB", (size, 128)).save(lab.path / "photo.png")
    assert [len(batch) for batch in batches(plan_of(lab, batch="auto", image_size=256))] == sizes


def test_they_go_together_in_the_order_of_the_grid(lab: Any) -> None:
    assert named(batches(plan_of(lab, batch=4))) == [["print/1", "print/2", "print/3", "wave/1"], ["wave/2", "wave/3"]]
    assert named(batches(plan_of(lab, batch=5))) == [["print/1", "print/2", "print/3", "wave/1", "wave/2"]]
    assert [len(batch) for batch in batches(plan_of(lab, batch=64))] == [6]


@pytest.mark.parametrize(
    ("changes", "sizes"),
    [
        ({"iterations": [3, 4]}, [6, 6]),
        ({"seed": [0, 1]}, [12]),
        ({"init": ["content", "noise"]}, [12]),
        ({"optimizer": {"name": "adam", "learning_rate": [1, 2]}}, [6, 6]),
        ({"optimizer": {"name": ["adam", "lbfgs"]}}, [6]),
        ({"image_size": [34, 40]}, [6, 6]),
        ({"loss": {"style": ["mean", "gatys"]}}, [6, 6]),
        ({"repeats": 2}, [6, 6]),
    ],
)
def test_what_keeps_cells_apart(lab: Any, changes: dict[str, Any], sizes: list[int]) -> None:
    assert [len(batch) for batch in batches(plan_of(lab, batch=64, **changes))] == sizes


def test_other_steps_and_backbones_are_other_batches(lab: Any) -> None:
    networks = {
        "fakenet": FAKE | {"style_layers": [["mix1"], ["mix4"]], "style_weight": [1, 2]},
        "again": FAKE | {"backbone": "fakenet", "style_layers": ["mix3", "mix4"], "content_weight": 7},
        "load-noise": FAKE | {"style_layers": ["mix1"]},
    }
    found = [Counter(cell.label for cell in batch) for batch in batches(plan_of(lab, [], backbones=networks, batch=64))]
    assert found == [{"fakenet": 4}, {"fakenet": 4, "again": 2}, {"load-noise": 2}]


def test_content_pictures_must_have_one_shape_and_style_pictures_need_not(lab: Any) -> None:
    lab.suite()
    for name, size in {"twin": (40, 32), "tall": (32, 40), "turned": (32, 40)}.items():
        exif = Image.Exif()
        exif[0x0112] = 6 if name == "turned" else 1
        Image.new("RGB", size).save(lab.path / f"{name}.png", exif=exif)
    names = ("photo", "twin", "tall", "turned")
    images = {"content": {name: f"{name}.png" for name in names}, "style": {"print": "print.png", "wave": "wave.png"}}
    found = batches(plan_of(lab, [["mix1"]], images=images, batch=64))
    assert [sorted({cell.content for cell in batch}) for batch in found] == [["photo", "turned", "twin"], ["tall"]]


def test_what_is_left_or_chosen_does_not_matter(lab: Any) -> None:
    whole = batches(plan_of(lab, batch=4))
    part = plan_of(lab, batch=4, options={"only": "wave/*/1"})
    assert batches(part) == whole
    assert named([companions(part, whole)]) == [["print/1", "print/2", "print/3"]]
    assert lab.run("--only", "print")[0] == 0
    later = plan_of(lab, batch=4)
    assert batches(later) == whole
    assert named([companions(later, whole)]) == [["print/1", "print/2", "print/3"]]


def test_looking_at_other_cells_uses_none_of_their_pictures(lab: Any) -> None:
    pictures = {"content": {"photo": "photo.png", "other": {"url": "https://example.org/a.png"}}}
    plan = plan_of(lab, batch=4, options={"only": "photo/wave"}, images=pictures | {"style": {"wave": "wave.png"}})
    assert len(batches(plan)) == 1
    assert plan.downloads == () and plan.missing == ()


@pytest.mark.parametrize(
    ("memory", "each", "jobs", "size"),
    [(80_000.0, 1000.0, 1, 16), (16_000.0, 1000.0, 1, 8), (16_000.0, 1000.0, 2, 4), (1000.0, 4000.0, 1, 1),
     (None, 1000.0, 1, 4), (16_000.0, None, 1, 4)],
)  # fmt: skip
def test_auto_fills_half_of_a_gpu(
    lab: Any, monkeypatch: pytest.MonkeyPatch, memory: float | None, each: float | None, jobs: int, size: int
) -> None:
    monkeypatch.setattr(module, "memory_mb", lambda _: memory)
    monkeypatch.setattr(module, "activations_mb", lambda *_: each)
    monkeypatch.setattr("nstbench.execute.plan.Devices.choose", lambda *_: ("cuda:0", ""))
    found = batches(plan_of(lab, SETS, batch="auto", seed=list(range(8)), options={"jobs": jobs}))
    assert max((len(batch) for batch in found), default=1) == size


def test_the_memory_of_a_gpu_is_asked_for_by_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, ...]] = []

    def smi(*arguments: str) -> str | None:
        asked.append(arguments)
        return {"5": "81559\n", "GPU-ab": "1000\n"}.get(arguments[1])

    monkeypatch.setattr(device, "nvidia_smi", smi)
    device.memory_mb.cache_clear()
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "5,GPU-ab")
    assert [device.memory_mb(name) for name in ("cuda:0", "cuda:1", "cuda:2")] == [81559.0, 1000.0, None]
    assert [one[1] for one in asked] == ["5", "GPU-ab", "2"]
    device.memory_mb.cache_clear()


def test_a_batch_needs_more_memory(lab: Any, tmp_path: Path) -> None:
    suite = {
        "name": "guess",
        "images": {"content": {"a": "skimage:astronaut"}, "style": {"b": "skimage:immunohistochemistry"}},
        "backends": ["torch"],
        "backbones": {"vgg19": {"weights": "random:0", "style_layers": [["block1_conv1"], ["block2_conv1"]]}},
    }
    path = tmp_path / "guess.yaml"

    def guess(batch: int) -> Any:
        path.write_text(json.dumps(suite | {"batch": batch}))
        return estimate(nstbench.plan(path, out=tmp_path / "guess", device="cpu"))

    one, two = guess(1), guess(2)
    assert (one.batch, two.batch) == (1, 2)
    assert two.memory_mb - 1000 == pytest.approx(2 * (one.memory_mb - 1000))


@pytest.mark.parametrize("batch", [0, 65, "all", 1.5, [1, 2], True])
def test_what_a_batch_may_be(lab: Any, batch: Any) -> None:
    with pytest.raises(SuiteError, match="batch: must be auto or a whole number from 1 to 64"):
        plan_of(lab, batch=batch)
