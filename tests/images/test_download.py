from __future__ import annotations

import hashlib
import http.server
import io
import threading

import numpy as np
import pytest
from PIL import Image

from nstbench.errors import ImageError
from nstbench.images import ImageSource, locate_image
from nstbench.images.download import fetch_image

_BUFFER = io.BytesIO()
Image.fromarray(np.arange(6000, dtype=np.uint32).astype(np.uint8).reshape(40, 50, 3)).save(_BUFFER, format="PNG")
PICTURE = _BUFFER.getvalue()
DIGEST = hashlib.sha256(PICTURE).hexdigest()


class Handler(http.server.BaseHTTPRequestHandler):
    seen: list[str] = []  # noqa: RUF012

    def do_GET(self):
        self.seen.append(self.headers["User-Agent"])
        body = PICTURE if self.path == "/a.png" else b"<html>hello</html>"
        self.send_response(404 if self.path == "/none.png" else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("NSTBENCH_CACHE_DIR", str(tmp_path / "cache"))
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def server():
    Handler.seen.clear()
    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as served:
        thread = threading.Thread(target=served.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{served.server_address[1]}"
        served.shutdown()
        thread.join()


@pytest.mark.parametrize("sha256", [None, DIGEST, DIGEST.upper()])
def test_fetch_once(server, tmp_path, sha256):
    source = ImageSource(url=f"{server}/a.png", sha256=sha256)
    assert locate_image("a", source, tmp_path).to_download
    path = fetch_image("a", source)
    assert path.read_bytes() == PICTURE
    assert fetch_image("a", source) == path
    assert locate_image("a", source, tmp_path).path == path
    assert len(Handler.seen) == 1
    assert Handler.seen[0].startswith("nstbench/")
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


def refused(source: ImageSource, words: str, tmp_path) -> None:
    with pytest.raises(ImageError, match=words) as caught:
        fetch_image("a", source)
    assert str(caught.value).endswith("Put a.jpg into a folder and pass it with --images-dir.")
    folder = tmp_path / "cache/images"
    assert not folder.exists() or not list(folder.iterdir())


def test_wrong_hash(server, tmp_path):
    refused(ImageSource(url=f"{server}/a.png", sha256="0" * 64), "does not have the sha256", tmp_path)


def test_not_found(server, tmp_path):
    refused(ImageSource(url=f"{server}/none.png"), "answered with the error 404", tmp_path)


def test_not_an_image(server, tmp_path):
    refused(ImageSource(url=f"{server}/page.png"), "is not an image", tmp_path)


def test_no_network(tmp_path):
    refused(ImageSource(url="http://127.0.0.1:9/a.png"), "could not be downloaded from 127.0.0.1", tmp_path)


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://example.org/a.png", "", None])
def test_only_http(tmp_path, url):
    refused(ImageSource(url=url), "does not begin with http", tmp_path)


def test_a_damaged_file_in_the_cache_is_fetched_again(server):
    source = ImageSource(url=f"{server}/a.png", sha256=DIGEST)
    path = fetch_image("a", source)
    path.write_bytes(b"damaged")
    assert fetch_image("a", source).read_bytes() == PICTURE
