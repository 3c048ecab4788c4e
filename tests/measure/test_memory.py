from __future__ import annotations

import subprocess
import sys
import threading
import time

import pytest

from nstbench.measure import memory
from nstbench.measure.memory import PeakMemory


def touched(mib: int) -> bytearray:
    """Memory that is really resident; above malloc's threshold, so that freeing gives it back at once."""
    block = bytearray(mib << 20)
    block[::4096] = b"x" * len(block[::4096])
    return block


def cell(meter: PeakMemory, mib: int) -> float:
    meter.start()
    block = touched(mib)
    time.sleep(0.1)
    del block
    return meter.stop()


def check(meter: PeakMemory) -> None:
    small, large, again = cell(meter, 1), cell(meter, 200), cell(meter, 1)
    assert 180 <= large - small <= 230
    assert again < large - 150


def test_peak_rises_and_falls_again():
    meter = PeakMemory()
    check(meter)
    meter.close()


def test_in_a_fresh_process():
    code = (
        "from nstbench.measure.memory import PeakMemory\n"
        "meter = PeakMemory(); meter.start(); a = meter.stop()\n"
        "block = bytearray(200 << 20); del block\n"
        "b = meter.stop(); meter.start(); print(b - a, meter.stop() - a)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    rise, rest = map(float, done.stdout.split())
    assert 180 <= rise <= 230
    assert rest < 50


@pytest.mark.parametrize("how", ["no /proc", "no permission", "no effect"])
def test_sampling_where_the_kernel_does_not_help(monkeypatch, tmp_path, how):
    if how == "no permission":
        monkeypatch.setattr(memory, "_CLEAR", tmp_path)  # a folder: cannot be written
    else:
        monkeypatch.setattr(memory, "_CLEAR", tmp_path / ("clear" if how == "no effect" else "none/clear"))
        status = tmp_path / "status"
        status.write_text("Name:\tx\nVmHWM:\t9000000 kB\nVmRSS:\t100000 kB\n")
        monkeypatch.setattr(memory, "_STATUS", status if how == "no effect" else tmp_path / "none")
    before = threading.active_count()
    meter = PeakMemory()
    check(meter)
    assert threading.active_count() == before + 1
    meter.close()
    meter.close()
    assert threading.active_count() == before


def test_without_a_start_there_is_still_a_figure():
    assert PeakMemory().stop() > 5
