"""A made-up run that seems to go on, and its page, asked over loopback."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest
from PIL import Image

from nstbench.live import LiveCell, LiveRun, Stage
from nstbench.live.reading import this_process
from nstbench.results import RunFolder, read_manifest
from nstbench.testing.made_run import HOSTILE, made_run
from nstbench.watch.server import WatchServer
from nstbench.watch.serving import RunSite


class Reply(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


class Client:
    """Asks a server, with whatever a browser, or somebody who is none, might send."""

    def __init__(self, server: WatchServer) -> None:
        self.server = server

    def raw(self, path: str, method: str = "GET", **headers: str) -> Reply:
        connection = http.client.HTTPConnection("127.0.0.1", self.server.server_port, timeout=20)
        try:
            connection.putrequest(method, path, skip_host="Host" in headers)
            for name, value in headers.items():
                connection.putheader(name, value)
            connection.endheaders()
            answer = connection.getresponse()
            return Reply(answer.status, dict(answer.getheaders()), answer.read())
        finally:
            connection.close()

    def get(self, path: str = "", method: str = "GET", **headers: str) -> Reply:
        return self.raw(f"/{self.server.token}/{path}", method, **headers)

    def state(self) -> Any:
        return msgspec.json.decode(self.get("state.json").body)


@contextmanager
def serving(find: Any) -> Iterator[WatchServer]:
    with WatchServer(find) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture(name="serving")
def _serving() -> Callable[[Any], Any]:
    return serving


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    """A run of four cells: one done, one without its picture, one crashed, one hostile."""
    return made_run(tmp_path / "run")


@pytest.fixture
def server(run: RunFolder) -> Iterator[WatchServer]:
    with serving(RunSite(run.path).find) as server:
        yield server


@pytest.fixture
def client(server: WatchServer) -> Client:
    return Client(server)


@pytest.fixture
def client_of() -> type[Client]:
    return Client


@pytest.fixture
def go_on(run: RunFolder) -> Callable[..., LiveRun]:
    """Return what has the run go on in this process, at some iteration of its first cell, with a picture of it."""

    def write(iteration: int = 3, stage: Stage = Stage.RUNNING, **changes: Any) -> LiveRun:
        cell = read_manifest(run).cells[0].id
        file = run.snapshot(cell, iteration)
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (32, 24), (50 * iteration % 256, 90, 20)).save(file)
        one = LiveCell(
            id=cell,
            title=f"a/b/c {HOSTILE}",
            content=HOSTILE,
            style="scream",
            backend="made",
            backbone=HOSTILE,
            layer_set="1",
            layers=("conv1", HOSTILE),
            iteration=iteration,
            iterations=9,
            doing="optimising",
            loss=0.125 / iteration,
            per_second=2.0,
            seconds_left=(9 - iteration) / 2,
            curve=tuple((i, 1 / (i + 1)) for i in range(iteration)),
            snapshot=iteration,
        )
        facts: dict[str, Any] = {"planned": 4, "done": 2, "failed": 1, "share": 0.5, "seconds_left": 75.0}
        now = "2030-01-02T03:04:05+00:00"
        live = LiveRun(
            process=this_process(),
            started=now,
            updated=now,
            stage=stage,
            running=() if stage.over else (one,),
            **facts | changes,
        )
        run.live.write_bytes(msgspec.json.encode(live))
        return live

    return write
