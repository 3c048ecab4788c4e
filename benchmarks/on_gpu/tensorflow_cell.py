"""TensorFlow on the GPU, in a process of its own: PyTorch keeps what memory it took, and either may fail."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from time import perf_counter

from on_gpu.ledger import Row, figure
from on_gpu.setting import Setting

__all__ = ["tensorflow_cell"]

ROOT = Path(__file__).resolve().parents[2]
ANSWER = "answer:"


def tensorflow_cell(setting: Setting, found: Sequence[Row], precision: str) -> Iterator[Row]:  # noqa: ARG001
    """Run the VGG19 cell of the timings on TensorFlow, for a tenth of the iterations."""
    iterations = setting.iterations // 10 or 2
    job = {"device": setting.device, "precision": precision, "size": setting.size, "iterations": iterations}
    folders = [str(ROOT / "benchmarks"), str(ROOT), str(ROOT / "plugins"), os.environ.get("PYTHONPATH", "")]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(folders)}
    command = [sys.executable, "-m", "on_gpu.tensorflow_cell", json.dumps(job | {"threads": setting.threads})]
    limit = max(setting.left, 0.0) + 60.0
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=limit, check=False)
    answers = [line for line in done.stdout.splitlines() if line.startswith(ANSWER)]
    if not answers:
        last = done.stderr.strip().splitlines()[-1:] or [f"it ended with code {done.returncode}"]
        raise RuntimeError(f"TensorFlow did not run: {last[0][:300]}")
    answer = json.loads(answers[-1].removeprefix(ANSWER))
    columns = {"network": "vgg19", "size": setting.size, "batch": 1, "iterations": iterations}
    columns |= {"path": answer["path"], "precision": precision}
    for what, unit in (("step", "ms"), ("first_step_s", "s"), ("peak memory", "MiB"), ("final total", "")):
        yield figure(f"TensorFlow: {what}", answer[what], unit, **columns)


def main(text: str) -> None:
    """Run the cell that ``text`` describes, and print the answer as one line."""
    import numpy as np
    from nstbench_keras.backbones import backbones
    from nstbench_tensorflow.backend import TensorFlowBackend

    from nstbench.measure.clock import StepClock
    from nstbench.transfer.losses import content_mean, style_mean
    from nstbench.transfer.objective import Objective, TermWeights
    from nstbench.transfer.optimise import optimise
    from nstbench.transfer.problem import Problem
    from on_gpu.inputs import REPORT, pictures, weights

    job = json.loads(text)
    info = next(one for one in backbones("tensorflow") if one.name == "vgg19")
    given, images = weights("vgg19"), pictures(job["size"])
    backend = TensorFlowBackend()
    backend.configure(device=job["device"], threads=job["threads"], precision=job["precision"])
    objective = Objective(tuple(info.content_layers), tuple(info.style_layers), content_mean, style_mean)
    extractor = backend.open(info, given, sorted(objective.layers, key=list(info.layers).index))
    session = backend.session(extractor, objective)
    terms = TermWeights(objective.content_layers, objective.style_layers, info.content_weight, info.style_weight)
    targets = session.targets(images.content, images.style)
    table = objective.weight_table([terms])
    problem = Problem(np.array(images.content), targets, table, REPORT, job["iterations"], block=10)
    clock = StepClock(cold=True)
    started = perf_counter()
    outcome = optimise(session, problem, lambda block: clock.add(block.seconds, len(block.losses)))
    times, memory = clock.times(), backend.device_memory
    peak = None if memory is None else memory.peak_mb()
    answer = {"step": times.step_ms_median, "first_step_s": times.first_step_s, "path": session.path}
    answer |= {"peak memory": peak, "final total": float(outcome.losses[-1, 0])}
    print(ANSWER + json.dumps(answer | {"all_s": perf_counter() - started}))  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1])
