"""Nobody but the reader of this machine who has the whole address sees anything, and nobody changes anything."""

from __future__ import annotations

import socket
from typing import Any
from urllib.parse import quote

import pytest

from nstbench.errors import RunError
from nstbench.results import RunFolder, latest, read_records
from nstbench.watch.server import Answer, WatchServer

PARTS = ("progress.html", "pictures.html", "failures.html")
OF_THE_PAGE = ("", "state.json", "curves.json", *PARTS, "page.css", "watch.css", "curves.js", "watch.js")


def ok_cell(run: RunFolder) -> str:
    return next(cell for cell, one in latest(read_records(run)).items() if run.image(cell).is_file())


def test_it_listens_on_loopback_only_and_its_address_cannot_be_guessed(server: WatchServer) -> None:
    assert server.server_address[0] == "127.0.0.1"
    assert server.address == f"http://127.0.0.1:{server.server_port}/{server.token}/"
    assert len(server.token) >= 32
    with WatchServer(lambda _: None) as other:
        assert other.token != server.token


@pytest.mark.parametrize("path", OF_THE_PAGE)
def test_what_the_page_needs_is_there_for_who_has_the_token(client: Any, path: str) -> None:
    reply = client.get(path)
    assert reply.status == 200 and len(reply.body) == int(reply.headers["Content-Length"])
    head = client.get(path, "HEAD")
    assert (head.status, head.body) == (200, b"")
    assert head.headers["Content-Length"] == reply.headers["Content-Length"]


@pytest.mark.parametrize("prefix", ["", "x/", "TOKEN", "../", "%2e%2e/", "TOKENx/", "x/TOKEN/"])
@pytest.mark.parametrize("path", OF_THE_PAGE)
def test_without_the_token_there_is_nothing(client: Any, prefix: str, path: str) -> None:
    reply = client.raw(f"/{prefix.replace('TOKEN', client.server.token)}{path}")
    assert reply.status == 404 and b"made-up" not in reply.body


@pytest.mark.parametrize("host", ["evil.example", "evil.example:PORT", "127.0.0.1", "127.0.0.1:1", "[::1]:PORT", ""])
def test_another_name_for_this_machine_is_refused(client: Any, host: str) -> None:
    reply = client.get("state.json", Host=host.replace("PORT", str(client.server.server_port)))
    assert reply.status == 403 and b"parts" not in reply.body


def test_localhost_is_this_machine(client: Any) -> None:
    assert client.get("state.json", Host=f"localhost:{client.server.server_port}").status == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "PROPFIND"])
def test_nothing_can_be_changed(client: Any, method: str) -> None:
    reply = client.get("state.json", method)
    assert reply.status == 405 and reply.headers["Allow"] == "GET, HEAD"


@pytest.mark.parametrize("path", ["", "state.json", "nowhere"])
def test_every_answer_says_what_a_browser_may_do(client: Any, path: str) -> None:
    for reply in (client.get(path), client.get(path, "POST"), client.raw("/"), client.get(path, Host="x")):
        policy = reply.headers["Content-Security-Policy"].split("; ")
        assert policy[0] == "default-src 'none'" and "script-src 'self'" in policy and "form-action 'none'" in policy
        assert reply.headers["X-Content-Type-Options"] == "nosniff"
        assert reply.headers["Referrer-Policy"] == "no-referrer"
        assert reply.headers["Cache-Control"] == "no-store"
        assert "Python" not in reply.headers["Server"]


def test_pictures_are_served_whole_and_small(client: Any, run: RunFolder) -> None:
    cell = ok_cell(run)
    whole = client.get(f"file/cells/{cell}/image.png")
    assert (whole.headers["Content-Type"], whole.body) == ("image/png", run.image(cell).read_bytes())
    small = client.get(f"small/cells/{cell}/image.png?123")
    assert small.headers["Content-Type"] == "image/webp" and small.body[8:12] == b"WEBP"
    assert client.get("file/inputs/astronaut-32.png").status == 200


@pytest.mark.parametrize(
    "path",
    [
        "file/",
        "file/cells",
        "file/cells/",
        "file/cells/CELL",
        "file/cells/CELL/",
        "file/cells/CELL/trace.csv",
        "file/run.json",
        "file/records.jsonl",
        "file/live.json",
        "file/.nstbench.lock",
        "file/logs/made.log",
        "file/../run/inputs/astronaut-32.png",
        "file/cells/../inputs/astronaut-32.png",
        "file/cells/CELL/../CELL/image.png",
        "file/./inputs/astronaut-32.png",
        "file//inputs/astronaut-32.png",
        "file//etc/passwd",
        "file/inputs/..",
        "file/inputs/astronaut-32.png/",
        "file/inputs/astronaut-32.png\0.png",
        "file/inputs\\astronaut-32.png",
        "file/cells/CELL/snapshots/1.png",
        "file/cells/CELL/snapshots/000001.png",
        "file/outside.png",
        "small/run.json",
        "small/../outside.png",
        "static/page.css",
        "index.html",
        "page.css/",
        "../state.json",
    ],
)
def test_nothing_else_is_served_however_it_is_spelt(client: Any, run: RunFolder, path: str) -> None:
    (run.path.parent / "outside.png").write_bytes(run.input("astronaut", 32).read_bytes())
    path = path.replace("CELL", ok_cell(run))
    first, _, rest = path.partition("/")
    spelt = {quote(path), f"{first}/{quote(rest, safe='')}", quote(path).replace(".", "%2e"), quote(quote(path))}
    assert [client.get(one).status for one in spelt] == [404] * len(spelt)


def test_a_link_leads_nowhere(client: Any, run: RunFolder) -> None:
    outside = run.path.parent / "outside"
    outside.mkdir()
    picture = run.input("astronaut", 32).read_bytes()
    (outside / "image.png").write_bytes(picture)
    run.input("linked", 32).symlink_to(outside / "image.png")
    run.cell("linked").symlink_to(outside)
    cell = ok_cell(run)
    run.best_image(cell).unlink()
    run.best_image(cell).symlink_to(run.image(cell).name)
    for path in ("inputs/linked-32.png", "cells/linked/image.png", f"cells/{cell}/image_best.png"):
        assert [client.get(f"{way}/{path}").status for way in ("file", "small")] == [404, 404]


def test_a_run_that_lies_behind_a_link_is_served_all_the_same(serving: Any, client_of: Any, run: RunFolder) -> None:
    from nstbench.watch.serving import RunSite

    link = run.path.parent / "link"
    link.symlink_to(run.path)
    with serving(RunSite(link).find) as server:
        assert client_of(server).get("file/inputs/astronaut-32.png").status == 200
        assert "small/cells/" in client_of(server).get("pictures.html").text


def test_a_port_that_is_taken_is_one_sentence(server: WatchServer) -> None:
    with pytest.raises(RunError) as refused:
        WatchServer(lambda _: None, server.server_port)
    place = f"127.0.0.1:{server.server_port}"
    assert str(refused.value) == f"cannot serve at {place}: address already in use. Choose another --port."


def test_what_cannot_be_read_is_said_and_the_server_goes_on(serving: Any, client_of: Any) -> None:
    def find(path: str) -> Answer | None:
        raise ValueError(f"no {path}")

    with serving(find) as server:
        for _ in range(2):
            reply = client_of(server).get("x")
            assert (reply.status, reply.text) == (500, "ValueError: no x")


def test_nonsense_costs_nobody_the_server(client: Any, capfd: Any) -> None:
    long = b"GET " + b"x" * 70_000 + b" HTTP/1.1\r\n\r\n"
    for nonsense in (b"", b"\0" * 100, b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", long):
        with socket.create_connection(("127.0.0.1", client.server.server_port), timeout=5) as stream:
            stream.sendall(nonsense)
            stream.shutdown(socket.SHUT_WR)
            assert b"<html" not in stream.recv(1 << 16).lower()
    assert client.get("state.json").status == 200
    assert capfd.readouterr() == ("", "")
