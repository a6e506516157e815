"""A web server on loopback that gives images."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from time import sleep
from typing import Any


@contextmanager
def served(
    answers: Mapping[str, tuple[int, bytes]], *, announced: int | None = None, gate: Event | None = None
) -> Iterator[tuple[str, list[str]]]:
    """A server on loopback; yields its address and the paths that are asked for.

    Args:
        announced: bytes of each answer, where they are not as many as come.
        gate: no answer is given before it is set.
    """
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            if gate is not None:
                gate.wait(60)
            status, body = answers.get(self.path, (404, b""))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body) if announced is None else announced))
            if body.startswith(b"<html>"):
                self.send_header("Content-Type", "text/html; charset=utf-8")
            if status == 302:
                self.send_header("Location", body.decode())
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Nothing is written."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", asked
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def dripping() -> Iterator[tuple[str, Event]]:
    """A server that sends a byte again and again; yields its address, and what is set when it was left."""
    left = Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            try:
                while True:
                    self.wfile.write(b"x")
                    sleep(0.01)
            except OSError:
                left.set()

        def log_message(self, *_: Any) -> None:
            """Nothing is written."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", left
    finally:
        server.shutdown()
        server.server_close()


def answers_of(folder: Path) -> dict[str, tuple[int, bytes]]:
    """What a server answers that serves the files of a folder."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {f"/{path.relative_to(folder).as_posix()}": (200, path.read_bytes()) for path in files}
