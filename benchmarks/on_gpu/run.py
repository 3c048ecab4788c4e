"""Run the tasks one after the other; one that fails is a row, and the next one runs."""

from __future__ import annotations

import argparse
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import torch

from nstbench.measure.environment import environment
from on_gpu.inputs import pictures, weights
from on_gpu.ledger import Ledger
from on_gpu.setting import OutOfTime, Setting
from on_gpu.summary import summary
from on_gpu.tasks import Task, tasks
from on_gpu.transfer import free

__all__ = ["run"]

RESULTS = Path(__file__).resolve().parents[1] / "results"


def run(options: argparse.Namespace) -> int:
    """Run what ``options`` name; return 0 if all of it ran, 1 if something failed or was left out, 2 without device."""
    setting = _setting(options)
    if setting.on_gpu and not torch.cuda.is_available():
        _say(f"PyTorch {torch.__version__} sees no GPU here; --device cpu --quick shows that the script works.")
        return 2
    ledger = Ledger(setting.folder / "gpu.csv", _common(setting))
    words = [word.strip() for word in options.only.split(",")] if options.only else [""]
    complete = True
    for task in [one for one in tasks(setting) if any(word in one.name for word in words)]:
        complete &= _attempt(task, setting, ledger)
    _say(summary(ledger))
    return 0 if complete else 1


def _setting(options: argparse.Namespace) -> Setting:
    folder = options.results or (Path(tempfile.mkdtemp(prefix="nstbench-gpu-")) if options.quick else RESULTS)
    return Setting(options.device, options.quick, options.minutes, options.threads, folder)


def _attempt(task: Task, setting: Setting, ledger: Ledger) -> bool:
    """Run a task and return whether all of it ran; what fails within PyTorch or its libraries is only written down."""
    if setting.left < (0 if setting.quick else task.seconds):
        ledger.add({"task": task.name, "status": "left out", "reason": f"{setting.left:.0f} s were left"})
        return False
    _say(f"{task.name} ({setting.left:.0f} s left)")
    try:
        for row in task.run(setting, ledger.rows):
            ledger.add({"task": task.name} | row)
        return True
    except Exception as error:
        status = "left out" if isinstance(error, OutOfTime) else "failed"
        reason = f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"
        ledger.add({"task": task.name, "status": status, "reason": reason})
        return False
    finally:
        free()


def _common(setting: Setting) -> dict[str, Any]:
    """Return the machine and what ran on it; nothing that names its owner."""
    found = environment()
    on_gpu = setting.on_gpu
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "machine": found["machine"],
        "device": torch.cuda.get_device_name(setting.device) if on_gpu else found["cpu"],
        "memory_mib": torch.cuda.get_device_properties(setting.device).total_memory // 2**20 if on_gpu else None,
        "driver": " ".join(sorted({gpu["driver"] for gpu in found["gpus"]})),
        "torch": torch.__version__,
        "cuda": torch.version.cuda,
        "cudnn": torch.backends.cudnn.version() if on_gpu else None,  # type: ignore[no-untyped-call]
        "weights": f"vgg19={weights('vgg19').name} resnet50={weights('resnet50').name}",
        "pictures": pictures(setting.size).source,
        "platform": found["platform"],
    }


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201
