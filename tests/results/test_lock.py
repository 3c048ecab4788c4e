from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys

import filelock
import pytest

from nstbench.errors import RunError
from nstbench.results import RunFolder
from nstbench.results.lock import locked

_HOLD = """
import sys, time
from pathlib import Path
from nstbench.results import RunFolder
from nstbench.results.lock import locked
with locked(RunFolder(Path(sys.argv[1]))):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def holder(folder):
    command = [sys.executable, "-c", _HOLD, str(folder.path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_a_second_process_is_refused_until_the_first_is_killed(folder, holder):
    with pytest.raises(RunError, match="another run is writing to"), locked(folder):
        pass
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    assert folder.lock.exists()
    with locked(folder):
        pass


def test_a_second_lock_in_the_same_process_is_refused(folder):
    with locked(folder), pytest.raises(RunError, match="another run"), locked(folder):
        pass
    with locked(folder):
        pass


def test_the_lock_is_released_when_the_block_raises(folder):
    with pytest.raises(ValueError, match="x"), locked(folder):
        raise ValueError("x")
    with locked(folder):
        pass


def test_an_unwritable_folder_is_a_sentence(tmp_path, monkeypatch):
    def fail(*_, **__):
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(filelock.FileLock, "acquire", fail)
    with pytest.raises(RunError, match=r"cannot lock .*Read-only"), locked(RunFolder(tmp_path)):
        pass
