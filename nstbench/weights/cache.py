"""One canonical file per weight set, backbone and published file, made once and checked against its hash."""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import subprocess
from pathlib import Path

from nstbench.children import child_python
from nstbench.errors import RunError, WeightsError
from nstbench.files import cache_dir, file_sha256, write_text
from nstbench.plugin.descriptors import WeightsInfo
from nstbench.weights.canonical import Header, check_file
from nstbench.weights.convert import ConversionJob, as_line
from nstbench.weights.download import fetch
from nstbench.weights.locate import Located
from nstbench.weights.naming import CANONICAL_SUFFIX, reader_code

__all__ = ["cached", "canonicalise"]

VERSION = 1
"""Raise it when the recipe of ``random`` or the canonical format changes: everything is then made anew."""


def canonicalise(located: Located, info: WeightsInfo, backbone: str) -> tuple[Path, str]:
    """Return the canonical file of these weights and its sha256, downloading and converting where that is needed.

    Raises ``WeightsError`` (missing, damaged or unsuitable weights) or ``RunError`` (the cache cannot be written).
    """
    if located.kind == "missing":
        raise WeightsError(located.problem)
    source = fetch(info, backbone) if located.kind == "download" else located.path
    if source is not None and not info.target:
        return _own_canonical(source, backbone)
    found = Located(located.kind if source is None else "file", source)
    return cached(found, info, backbone) or _make(source, info, backbone)


def cached(located: Located, info: WeightsInfo, backbone: str) -> tuple[Path, str] | None:
    """Return the canonical file and its sha256 if it was made before and is still whole, without making it."""
    if not located.here:
        return None
    if located.path is not None and not info.target:
        return _own_canonical(located.path, backbone)
    path = _path(located.path, info, backbone)
    try:
        recorded = str(json.loads(_memory(path).read_text())["sha256"])
        return (path, recorded) if file_sha256(path) == recorded else None
    except (OSError, ValueError, KeyError):
        return None


def _make(source: Path | None, info: WeightsInfo, backbone: str) -> tuple[Path, str]:
    path = _path(source, info, backbone)
    job = ConversionJob(str(source or ""), info.target, str(path), _header(source, info, backbone))
    sha256 = _in_own_process(job, info)
    write_text(_memory(path), json.dumps({"sha256": sha256, "source": str(source or info.name)}))
    return path, sha256


def _own_canonical(path: Path, backbone: str) -> tuple[Path, str]:
    """A user's canonical file, which needs no reader, is used where it is."""
    check_file(path, backbone)
    return path, _sha256(path)


def _in_own_process(job: ConversionJob, info: WeightsInfo) -> str:
    """Convert in a child that ends when we do: it watches its standard input, which stays open meanwhile."""
    process = child_python("-m", "nstbench.weights.convert")
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(**process, text=True, **pipes) as child:  # type: ignore[call-overload]
        with contextlib.suppress(BrokenPipeError):
            child.stdin.write(as_line(job))
            child.stdin.flush()
        answer = child.stdout.readline()
    if not answer:
        what = f"reads {job.source}" if job.source else "makes them"
        raise WeightsError(f"{info.name}: the process that {what} ended early (exit {child.returncode}).")
    found = json.loads(answer)
    if "error" in found:
        failure = RunError if found["kind"] == "RunError" else WeightsError
        raise failure(f"{info.name} ({job.source or job.header.backbone}): {found['error']}")
    return str(found["sha256"])


def _header(source: Path | None, info: WeightsInfo, backbone: str) -> Header:
    # The folder of a user's own file is no part of what the weights are: moving it must not change their hash.
    name = f"file:{source.name}" if source is not None and info.name.startswith("file:") else info.name
    return Header(name, backbone, info.architecture, info.preprocessing, _sha256(source))


def _path(source: Path | None, info: WeightsInfo, backbone: str) -> Path:
    header = _header(source, info, backbone)
    key = hashlib.sha256(f"{VERSION}|{info.target}|{reader_code(info)}|{header}".encode()).hexdigest()[:16]
    slug = re.sub(r"[^a-z0-9._-]+", "-", f"{header.name}-{backbone}".lower())
    return cache_dir() / "weights" / f"{slug}-{key}{CANONICAL_SUFFIX}"


def _memory(path: Path) -> Path:
    return path.with_suffix(".json")


def _sha256(source: Path | None) -> str:
    try:
        return file_sha256(source) if source is not None else ""
    except OSError as error:
        raise WeightsError(f"cannot read {source} ({error.strerror}).") from error
