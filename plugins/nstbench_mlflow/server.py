"""Where MLflow keeps what it is told, and how long it may take to answer."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from mlflow.tracking import MlflowClient

__all__ = ["Server", "address", "connect", "our_settings"]

_URI = "MLFLOW_TRACKING_URI"
_SETTINGS = {
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "10",  # seconds; of MLflow's own 120, seven retries make a quarter of an hour
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
    "MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR": "1",
    "MLFLOW_ALLOW_FILE_STORE": "true",  # MLflow 3.17 refuses folders otherwise; they need no further package
    "MLFLOW_DISABLE_TELEMETRY": "true",
}


@dataclass(frozen=True, slots=True)
class Server:
    """A client of MLflow's, and the experiment that runs are put into."""

    client: MlflowClient
    experiment: str


def connect(folder: Path, experiment: str) -> Server:
    """Return the server that the environment names, else the store in ``folder``, with the experiment of that name.

    MLflow's own state (``mlflow.set_tracking_uri`` and the like) is neither used nor changed. Raises whatever MLflow
    does where it cannot be reached.
    """
    from mlflow.tracking import MlflowClient

    client = MlflowClient(tracking_uri=os.environ.get(_URI) or folder.absolute().as_uri())
    found = client.get_experiment_by_name(experiment)
    return Server(client, found.experiment_id if found else client.create_experiment(experiment))


def address(folder: Path) -> str:
    """Return what to call the server in a message: of an address no password, and of a folder its name."""
    uri = urlsplit(os.environ.get(_URI, ""))
    if uri.hostname is None:
        return uri.geturl() or folder.name
    return f"{uri.scheme}://{uri.hostname}" + (f":{uri.port}" if uri.port else "")


@contextmanager
def our_settings() -> Iterator[None]:
    """Give MLflow's settings that the user left open values that suit a run; take them back at the end."""
    ours = {name: value for name, value in _SETTINGS.items() if name not in os.environ}
    os.environ.update(ours)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of MLflow and what it imports; nothing a user of nstbench can do
            yield
    finally:
        for name in ours:
            os.environ.pop(name, None)
