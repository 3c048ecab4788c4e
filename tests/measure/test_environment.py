from __future__ import annotations

import getpass
import json
import platform
import re
import subprocess
import sys
from pathlib import Path

import pytest

from nstbench.measure import device, environment


@pytest.fixture(autouse=True)
def forget():
    def clear():
        environment._gpus.cache_clear()
        environment._cpu_model.cache_clear()

    clear()
    yield
    clear()


def smi(folder: Path, body: str) -> Path:
    folder.mkdir(exist_ok=True)
    program = folder / "nvidia-smi"
    program.write_text(f"#!/bin/sh\n{body}\n")
    program.chmod(0o755)
    return folder


@pytest.fixture
def bare(monkeypatch, tmp_path):
    """A machine without GPU: no device files, no driver, no program."""
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    monkeypatch.setattr(device, "_DEVICES", tmp_path / "dev")
    monkeypatch.setattr(device, "_DRIVER", tmp_path / "driver")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    return tmp_path


def test_no_gpu(bare):
    assert device.has_nvidia() is False
    assert environment.environment()["gpus"] == []


def test_gpu_by_device_file(bare):
    (bare / "dev").mkdir()
    (bare / "dev/nvidia-uvm").touch()
    (bare / "dev/nvidiactl").touch()
    assert not device.has_nvidia()
    (bare / "dev/nvidia0").touch()
    assert device.has_nvidia()


def test_gpu_by_driver(bare):
    (bare / "driver").mkdir()
    assert not device.has_nvidia()
    (bare / "driver/0000:01:00.0").mkdir()
    assert device.has_nvidia()


@pytest.mark.parametrize("hidden", ["", "-1"])
def test_gpu_by_program_and_hidden(bare, monkeypatch, hidden):
    smi(bare / "bin", "echo 'GPU 0: NVIDIA Test (UUID: GPU-1)'")
    assert device.has_nvidia()
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", hidden)
    assert not device.has_nvidia()


@pytest.mark.parametrize("body", ["exit 9", "echo 'No devices were found'; exit 6", "exec /bin/sleep 30", "kill -9 $$"])
def test_broken_program(bare, monkeypatch, body):
    monkeypatch.setattr(device, "TIMEOUT", 0.5)
    smi(bare / "bin", body)
    assert not device.has_nvidia()
    assert environment.environment()["gpus"] == []


def test_gpus_are_listed(bare):
    plain = environment.machine_id()
    environment._gpus.cache_clear()
    smi(bare / "bin", "echo 'NVIDIA H200, 143771, 570.1'; echo 'NVIDIA H200, 143771, 570.1'; echo 'odd line'")
    gpus = environment.environment()["gpus"]
    assert gpus == [{"name": "NVIDIA H200", "memory_mb": "143771", "driver": "570.1"}] * 2
    assert environment.machine_id() != plain


def test_environment_is_plain_and_private():
    found = environment.environment()
    text = json.dumps(found)
    assert found["python"].endswith(platform.python_version())
    assert found["cores"]["logical"] >= 1
    assert found["memory_mb"] > 100
    assert found["cpu"]
    assert found["versions"]["numpy"]
    assert str(Path.home()) not in text
    assert not {platform.node(), getpass.getuser()} & set(re.findall(r"[\w-]+", text))


def test_machine_id_is_stable():
    code = "from nstbench.measure.environment import machine_id; print(machine_id())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == environment.machine_id()
    assert len(environment.machine_id()) == 10


def test_unknown_distribution():
    assert environment.distribution_version("no-such-distribution-anywhere") is None


def test_no_cpuinfo(monkeypatch, tmp_path):
    monkeypatch.setattr(environment, "_CPUINFO", tmp_path / "none")
    assert environment.environment()["cpu"]


def test_nothing_heavy_is_imported():
    modules = ("clock", "device", "environment", "memory", "similarity")
    code = "import sys\n" + "".join(f"import nstbench.measure.{name}\n" for name in modules)
    code += "print([m for m in ('numpy', 'PIL', 'skimage', 'psutil', 'torch', 'tensorflow') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
