"""A cell's event file: one of its own, written whole.

TensorBoard's writer for folders (``EventFileWriter``) opens files through TensorFlow wherever that is installed, and
puts the host's name into theirs; the writer of records that is below it does neither.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from tensorboard.summary.writer.record_writer import RecordWriter

from nstbench.files import replacing
from nstbench.results import RunFolder
from nstbench_tensorboard.events import events

__all__ = ["write_events"]


def write_events(folder: RunFolder, record: Mapping[str, Any]) -> None:
    """Write ``tensorboard/<cell>/``; what an earlier attempt left there goes. Raises ``RunError`` on a full disk."""
    started = datetime.fromisoformat(record["started"]).timestamp()
    own = folder.tensorboard / record["cell"]
    path = own / f"events.out.tfevents.{started:.0f}.nstbench"
    with replacing(path) as temporary, temporary.open("wb") as file:
        writer = RecordWriter(file)
        for event in events(folder, record, started):
            writer.write(event.SerializeToString())
    for earlier in own.glob("events.out.tfevents.*"):
        if earlier != path:
            earlier.unlink()
