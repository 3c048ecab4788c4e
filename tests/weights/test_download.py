from __future__ import annotations

import functools
import hashlib
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from nstbench.errors import RunError, WeightsError
from nstbench.plugin.descriptors import Preprocessing, WeightsFile, WeightsInfo
from nstbench.weights import fetch, locate
from nstbench.weights.locate import download_path

DATA = b"published weights"


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "w.h5").write_bytes(DATA)
    handler = functools.partial(Quiet, directory=str(tmp_path / "site"))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def announced(url: str | None, data: bytes = DATA) -> WeightsInfo:
    file = WeightsFile("w.h5", url=url, digest=f"sha256:{hashlib.sha256(data).hexdigest()[:8]}")
    caffe = Preprocessing("BGR", (103.939, 116.779, 123.68))
    return WeightsInfo("keras-x", "m:read", files={"vgg19": file}, architecture="keras", preprocessing=caffe)


def test_a_file_is_fetched_into_the_cache_and_then_found(site: str) -> None:
    info = announced(f"{site}/w.h5")
    assert locate(info, "vgg19").kind == "download"
    path = fetch(info, "vgg19")
    assert path.read_bytes() == DATA
    assert locate(info, "vgg19").path == path == download_path(info.files["vgg19"])


def test_a_wrong_hash_leaves_nothing_behind(site: str) -> None:
    info = announced(f"{site}/w.h5", b"something else")
    with pytest.raises(WeightsError, match=r"give the published file by --weights-dir\.$"):
        fetch(info, "vgg19")
    assert list(download_path(info.files["vgg19"]).parent.iterdir()) == []


def test_a_missing_file_and_a_missing_network_say_so(site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(WeightsError, match=r"the server answered 404\)\. Download it elsewhere"):
        fetch(announced(f"{site}/other.h5"), "vgg19")
    with pytest.raises(WeightsError, match=r"no connection\)\. Download it elsewhere"):
        fetch(announced("http://127.0.0.1:9/w.h5"), "vgg19")


def test_an_address_of_an_unknown_kind() -> None:
    with pytest.raises(WeightsError, match="cannot download gopher://"):
        fetch(announced("gopher://example.org/w.h5"), "vgg19")


def test_what_has_no_address_cannot_be_fetched() -> None:
    with pytest.raises(WeightsError, match="cannot be downloaded"):
        fetch(announced(None), "vgg19")


def test_a_cache_that_cannot_be_written(site: str, own_caches: Path) -> None:
    own_caches.write_text("a file where the folder should be")
    with pytest.raises(RunError, match="cannot write"):
        fetch(announced(f"{site}/w.h5"), "vgg19")
