"""What ``nstbench watch`` refuses, each in a sentence."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path

from nstbench.testing.made_run import made_run

Refused = Callable[..., str]


def test_a_folder_that_is_no_run(refused: Refused, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    for name, why in (("other", "it has no readable run.json"), ("nowhere", "it does not exist")):
        message = f"{tmp_path / name} is not a run folder: {why}; name the folder that `nstbench run` printed."
        assert refused("watch", tmp_path / name) == message


def test_a_port_that_is_taken(refused: Refused, tmp_path: Path) -> None:
    run = made_run(tmp_path / "run")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = refused("watch", run.path, "--port", port)
    assert said == f"cannot serve at 127.0.0.1:{port}: address already in use. Choose another --port."


def test_a_port_that_is_none(refused: Refused, tmp_path: Path) -> None:
    assert "65535" in refused("watch", made_run(tmp_path / "run").path, "--port", 70000)
