from __future__ import annotations

import subprocess
import sys

import pytest

MISSING = """
import importlib.abc, sys
class Missing(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name == "torchvision._meta_registrations":
            raise RuntimeError(MESSAGE)
sys.meta_path.insert(0, Missing())
"""
USE = """
from nstbench_torch.imports import import_torchvision
models = import_torchvision()
assert models.vgg19 and import_torchvision("torchvision.models.feature_extraction").create_feature_extractor
print("ok", sys.modules["torchvision._meta_registrations"].__doc__)
"""


def run(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", "import sys\n" + code], capture_output=True, text=True)


@pytest.mark.torch
def test_torchvision_without_its_compiled_operators() -> None:
    done = run(MISSING.replace("MESSAGE", "'operator torchvision::nms does not exist'") + USE)
    assert done.stdout.startswith("ok Left out"), done.stderr


@pytest.mark.torch
def test_other_failures_are_not_hidden() -> None:
    done = run(MISSING.replace("MESSAGE", "'something else'") + USE)
    assert "RuntimeError: something else" in done.stderr


@pytest.mark.torch
def test_a_plain_import_is_enough_where_it_works() -> None:
    done = run(
        "import torch\ntry:\n    import torchvision\nexcept RuntimeError:\n    print('ok')\n    sys.exit()\n" + USE
    )
    assert done.stdout.startswith("ok") and "Left out" not in done.stdout, done.stderr


@pytest.mark.torch
def test_pytorchs_compiler_is_not_loaded_and_can_be_afterwards() -> None:
    code = """
import torch
from nstbench_torch.backend import TorchBackend
from nstbench_torch.networks import count_parameters
TorchBackend()
assert count_parameters("vgg19").total == 143667240 and count_parameters("resnet50").total == 25557032
assert "torch._dynamo" not in sys.modules and "sympy" not in sys.modules
assert torch.compile(lambda x: x + 1, backend="eager")(torch.ones(1)).item() == 2
print("ok")
"""
    done = run(code)
    assert done.stdout == "ok\n", done.stderr
