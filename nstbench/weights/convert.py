"""From a published file to the canonical one, by the plugin's reader in a process of its own.

Some readers need a framework (``torch.load``), and the parent never imports one. The job comes as one line of JSON on
standard input, the answer goes out as one line of JSON: ``python -m nstbench.weights.convert``.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nstbench.errors import NstbenchError, WeightsError
from nstbench.weights.architecture import NETWORKS, check_tensors, parameter_shapes
from nstbench.weights.canonical import Header, header_of, save_weight_set
from nstbench.weights.random import draw, seed_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["ConversionJob", "as_line", "convert", "main", "validated"]


@dataclass(frozen=True, slots=True)
class ConversionJob:
    """Read ``source`` with the reader ``target`` (or draw what it lists for ``random:<seed>``) and write ``out``."""

    source: str
    target: str
    out: str
    header: Header


def validated(header: Header, tensors: Mapping[str, Any]) -> dict[str, NDArray[np.float32]]:
    """Return float32 tensors, those of the backbone only; raise ``WeightsError`` unless all are there and finite.

    Of a backbone that is not known here (a third party's) everything the reader returned is kept.
    """
    import numpy as np

    names: Any = tensors
    if header.backbone in NETWORKS:
        check_tensors(header.backbone, header.architecture, tensors)
        names = parameter_shapes(header.backbone, header.architecture)
    kept = {name: np.asarray(tensors[name], dtype=np.float32) for name in names}
    for name, values in kept.items():
        if not np.isfinite(values).all():
            raise WeightsError(f"these weights are damaged: {name} holds values that are not finite.")
    return kept


def convert(job: ConversionJob) -> str:
    """Make the tensors, check them, write the canonical file and return its sha256."""
    return save_weight_set(Path(job.out), job.header, validated(job.header, _tensors(job)))


def _tensors(job: ConversionJob) -> Mapping[str, Any]:
    module, _, attribute = job.target.partition(":")
    target = getattr(importlib.import_module(module), attribute)
    if job.header.name.startswith("random:"):
        return draw(target(job.header.backbone), seed_of(job.header.name))
    tensors: Mapping[str, Any] = target(job.source, job.header.backbone)
    return tensors


def _answer(line: str) -> dict[str, str]:
    job = json.loads(line)
    header = header_of(job.pop("header"))
    try:
        return {"sha256": convert(ConversionJob(**job, header=header))}
    except NstbenchError as error:
        return {"error": str(error), "kind": type(error).__name__}
    except Exception as error:
        text = str(error).partition("\n")[0][:200]
        return {"error": f"its reader {job['target']} failed: {type(error).__name__}: {text}", "kind": "WeightsError"}


def _end_with_parent() -> None:
    """The parent keeps our standard input open as long as it lives: its end is the parent's."""
    sys.stdin.read()
    os._exit(1)


def main() -> None:
    """Do the one job given on standard input."""
    line = sys.stdin.readline()
    threading.Thread(target=_end_with_parent, daemon=True).start()
    # What libraries print while they load must not be taken for the answer.
    answers, sys.stdout = sys.stdout, sys.stderr
    answers.write(json.dumps(_answer(line)) + "\n")
    answers.flush()
    os._exit(0)  # a thread still waits for standard input; an orderly end would wait for its lock


def as_line(job: ConversionJob) -> str:
    """Return the job as the line ``main`` reads."""
    return json.dumps(asdict(job)) + "\n"


if __name__ == "__main__":
    main()
