"""A third party's plugin: a NumPy backend whose cells take milliseconds, and that misbehaves where it is asked to."""

from __future__ import annotations

from collections.abc import Iterable

from nstbench import hookimpl
from nstbench.plugin.descriptors import BackboneInfo, BackendInfo, Preprocessing, WeightsFile, WeightsInfo
from nstbench_fake.traps import LOADING, STEPPING

LAYERS = ("mix1", "mix2", "mix3", "mix4")
BACKBONES = ("fakenet", *LOADING)


@hookimpl
def nstbench_backends() -> Iterable[BackendInfo]:
    names = ("fakeframework",)
    return [BackendInfo("fake", "nstbench_fake.backend:FakeBackend", requires=names, frameworks=names)]


@hookimpl
def nstbench_backbones() -> Iterable[BackboneInfo]:
    for name in BACKBONES:
        yield BackboneInfo(
            name,
            "nstbench_fake.network:FakeNet",
            backend="fake",
            layers={layer: layer for layer in (*LAYERS, *STEPPING)},
            content_layers=("mix2",),
            style_layers=LAYERS,
            weights=("fake-weights", "file"),
        )


@hookimpl
def nstbench_weights() -> Iterable[WeightsInfo]:
    file = WeightsFile("nstbench_fake/fakenet.json", distribution="nstbench-fake")
    yield WeightsInfo(
        "fake-weights",
        "nstbench_fake.network:read_weights",
        files=dict.fromkeys(BACKBONES, file),
        architecture="fake",
        preprocessing=Preprocessing("RGB", (128.0, 128.0, 128.0), (64.0, 64.0, 64.0)),
        source="seeded noise",
    )
