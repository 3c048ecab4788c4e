"""The server: loopback only, reading only, and nothing without the token in the address."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple, cast
from urllib.parse import unquote, urlsplit

from nstbench.errors import RunError

__all__ = ["Answer", "WatchServer"]

HOST = "127.0.0.1"
_HEADERS = {
    # Styles may stand in the page: the matrix says its width so. Scripts may not. ``data:`` is the empty icon.
    "Content-Security-Policy": "default-src 'none'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; "
    "script-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Answer(NamedTuple):
    """What is at an address."""

    kind: str
    body: bytes


class WatchServer(ThreadingHTTPServer):
    """Answers with what ``find`` has for a path below the token, None being nothing.

    Raises ``RunError`` where the port is taken. ``port`` 0 is any that is free.
    """

    daemon_threads = True

    def __init__(self, find: Callable[[str], Answer | None], port: int = 0) -> None:
        try:
            super().__init__((HOST, port), _Handler)
        except (OSError, OverflowError) as error:
            reason = str(getattr(error, "strerror", None) or error).lower()
            raise RunError(f"cannot serve at {HOST}:{port}: {reason}. Choose another --port.") from error
        self.find = find
        self.token = secrets.token_urlsafe(24)

    @property
    def address(self) -> str:
        """Return the address of the page; whoever knows it may look."""
        return f"http://{HOST}:{self.server_port}/{self.token}/"

    @property
    def hosts(self) -> tuple[str, ...]:
        """Return what a browser calls this server: anything else is a name that somebody made point here."""
        return tuple(f"{name}:{self.server_port}" for name in (HOST, "localhost"))

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of browsers that hang up."""


class _Handler(BaseHTTPRequestHandler):
    server_version, sys_version = "nstbench", ""
    timeout = 30

    def __getattr__(self, name: str) -> Any:
        if name.startswith("do_"):
            return self._refuse
        raise AttributeError(name)

    def do_GET(self) -> None:
        """Answer with what is there."""
        server = cast("WatchServer", self.server)
        if self.headers.get("Host", "") not in server.hosts:
            self._send(HTTPStatus.FORBIDDEN, _plain("not served under this name"))
            return
        path = self._below_token(server.token)
        try:
            answer = None if path is None else server.find(path)
        except Exception as error:  # a run folder is somebody else's: its damage must not end the server
            self._send(HTTPStatus.INTERNAL_SERVER_ERROR, _plain(f"{type(error).__name__}: {error}"))
            return
        status = HTTPStatus.NOT_FOUND if answer is None else HTTPStatus.OK
        self._send(status, answer or _plain("nothing here"))

    do_HEAD = do_GET  # noqa: N815 - the name is the method's

    def _below_token(self, token: str) -> str | None:
        first, _, rest = urlsplit(self.path).path.removeprefix("/").partition("/")
        whole = self.path.startswith("/" + first + "/")
        return unquote(rest) if whole and secrets.compare_digest(first.encode(), token.encode()) else None

    def _refuse(self) -> None:
        self._send(HTTPStatus.METHOD_NOT_ALLOWED, _plain("only to be read"), {"Allow": "GET, HEAD"})

    def _send(self, status: HTTPStatus, answer: Answer, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (_HEADERS | (headers or {})).items():
            self.send_header(name, value)
        self.send_header("Content-Type", answer.kind)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answer what is no request, as briefly as all others."""
        self.command = self.command or ""
        self._send(HTTPStatus(code), _plain(message or explain or HTTPStatus(code).phrase))

    def log_message(self, format: str, *args: Any) -> None:
        """Nobody reads along."""


def _plain(text: str) -> Answer:
    return Answer("text/plain; charset=utf-8", text.encode("utf-8", "replace"))
