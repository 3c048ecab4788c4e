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
