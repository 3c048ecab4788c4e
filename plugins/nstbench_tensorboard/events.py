"""What TensorBoard is told of a cell: settings and outcome for its HPARAMS page, curves, final numbers, the picture."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from PIL import Image
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.plugins.hparams import metadata as hparams
from tensorboard.plugins.hparams.api_pb2 import STATUS_FAILURE, STATUS_SUCCESS
from tensorboard.plugins.hparams.plugin_data_pb2 import HParamsPluginData, SessionEndInfo, SessionStartInfo
from tensorboard.plugins.text import metadata as text
from tensorboard.util import tensor_util

from nstbench.results import RunFolder, Status
from nstbench.results.parts import measures, settings
from nstbench.results.trace import read_trace

__all__ = ["events"]

_CURVES = ("total", "style", "content")
_SIDE = 512
"""Longest side of the picture, in pixels: the run folder has the whole one, and checksums here are Python's."""


def events(folder: RunFolder, record: Mapping[str, Any], started: float) -> Iterator[Event]:
    """Yield a cell's events, all at the time it ``started`` (seconds): when an iteration was over is not recorded."""
    yield Event(wall_time=started, file_version="brain.Event:2")
    yield Event(wall_time=started, summary=Summary(value=_session(record, started)))
    for step, losses in _curves(folder.trace(record["cell"])):
        yield Event(wall_time=started, step=step, summary=Summary(value=losses))
    yield Event(
        wall_time=started,
        step=record["iterations_done"] or 0,
        summary=Summary(value=[*_results(record), *_picture(folder.image(record["cell"]))]),
    )


def _session(record: Mapping[str, Any], started: float) -> Iterator[Summary.Value]:
    start = SessionStartInfo(start_time_secs=started)
    for name, value in settings(record).items():
        if name.endswith("_sha256"):
            continue
        if isinstance(value, str):
            start.hparams[name].string_value = value
        else:
            start.hparams[name].number_value = value
    ended = started + (record["elapsed_s"] or 0.0)
    status = STATUS_SUCCESS if record["status"] == Status.OK else STATUS_FAILURE
    yield _told(hparams.SESSION_START_INFO_TAG, HParamsPluginData(session_start_info=start))
    end = SessionEndInfo(status=status, end_time_secs=ended)
    yield _told(hparams.SESSION_END_INFO_TAG, HParamsPluginData(session_end_info=end))


def _told(tag: str, data: HParamsPluginData) -> Summary.Value:
    return Summary.Value(tag=tag, metadata=hparams.create_summary_metadata(data), tensor=hparams.NULL_TENSOR)


def _curves(path: Path) -> Iterator[tuple[int, list[Summary.Value]]]:
    trace = read_trace(path)
    for index, step in enumerate(trace.get("iteration", ())):
        names = [name for name in _CURVES if name in trace]
        yield int(step), [_scalar(f"loss/{name}", trace[name][index]) for name in names]


def _results(record: Mapping[str, Any]) -> Iterator[Summary.Value]:
    for name, value in measures(record).items():
        yield _scalar(f"result/{name}", value)
    words = f"**{record['status']}** {record['reason']}".strip()
    tensor = tensor_util.make_tensor_proto(words.encode(errors="replace"))
    yield Summary.Value(tag="outcome", metadata=text.create_summary_metadata("outcome", ""), tensor=tensor)


def _picture(path: Path) -> Iterator[Summary.Value]:
    if not path.exists():
        return
    with Image.open(path) as stored:
        small, data = stored.convert("RGB"), io.BytesIO()
    small.thumbnail((_SIDE, _SIDE))
    small.save(data, "JPEG", quality=90)
    image = Summary.Image(width=small.width, height=small.height, colorspace=3, encoded_image_string=data.getvalue())
    yield Summary.Value(tag="picture", image=image)


def _scalar(tag: str, value: float) -> Summary.Value:
    return Summary.Value(tag=tag, simple_value=value)
