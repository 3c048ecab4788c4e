"""Read a folder of event files as TensorBoard does, without TensorFlow, and print what is there as JSON.

Run as ``python event_files.py FOLDER``.
"""

# ruff: noqa: E402
from __future__ import annotations

import json
import sys
from types import ModuleType
from typing import Any

import tensorboard.compat

tensorboard.compat.notf = sys.modules["tensorboard.compat.notf"] = ModuleType("notf")  # or it imports TensorFlow

from google.protobuf.json_format import MessageToDict
from tensorboard.backend.event_processing.data_provider import MultiplexerDataProvider
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.backend.event_processing.plugin_event_multiplexer import EventMultiplexer
from tensorboard.context import RequestContext
from tensorboard.plugins.base_plugin import TBContext
from tensorboard.plugins.hparams import api_pb2
from tensorboard.plugins.hparams.backend_context import Context
from tensorboard.plugins.hparams.list_session_groups import Handler
from tensorboard.util.tensor_util import make_ndarray


def read(path: str) -> dict[str, Any]:
    """Return one folder's scalars, texts and the size of its picture."""
    found = EventAccumulator(path, size_guidance={"scalars": 0})
    found.Reload()
    tags = found.Tags()
    texts = {tag: found.Tensors(tag)[0].tensor_proto for tag in tags["tensors"] if not tag.startswith("_hparams_")}
    images = {tag: found.Images(tag)[-1] for tag in tags["images"]}
    return {
        "scalars": {tag: [[one.step, one.value] for one in found.Scalars(tag)] for tag in tags["scalars"]},
        "texts": {tag: make_ndarray(text).item().decode() for tag, text in texts.items()},
        "images": {tag: [image.step, image.width, image.height] for tag, image in images.items()},
        "jpegs": {tag: image.encoded_image_string.hex() for tag, image in images.items()},
    }


def table(path: str, runs: EventMultiplexer) -> list[dict[str, Any]]:
    """Return the rows of the page HPARAMS, as its own server makes them."""
    context = Context(TBContext(data_provider=MultiplexerDataProvider(runs, path), multiplexer=runs, logdir=path))
    statuses = [api_pb2.STATUS_SUCCESS, api_pb2.STATUS_FAILURE]
    wanted = api_pb2.ListSessionGroupsRequest(start_index=0, slice_size=1000, allowed_statuses=statuses)
    answer = Handler(RequestContext(), context, "", wanted).run()
    return [MessageToDict(group) for group in answer.session_groups]


if __name__ == "__main__":
    folder = sys.argv[1]
    runs = EventMultiplexer().AddRunsFromDirectory(folder)
    runs.Reload()
    said = {"runs": {name: read(f"{folder}/{name}") for name in runs.Runs()}, "hparams": table(folder, runs)}
    print(json.dumps(said))
