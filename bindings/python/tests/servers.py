"""Real servers on ports of their own, and a client that sends what it is told."""

from __future__ import annotations

import http.client
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import uvicorn
import waitress.server
import werkzeug.serving
from waitress import wasyncore


class Reply(NamedTuple):
    status: int
    headers: http.client.HTTPMessage
    body: Any


class Client:
    def __init__(self, port: int) -> None:
        self.port = port

    def get(self, path: str, *headers: tuple[str, str | bytes]) -> Reply:
        """Headers are sent as they are given, repeats and bytes above 127 included."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.putrequest("GET", path)
        for name, value in headers:
            connection.putheader(name, value)
        connection.endheaders()
        response = connection.getresponse()
        text = response.read()
        connection.close()
        return Reply(response.status, response.headers, json.loads(text) if text else None)

    def bearer(self, path: str, token: str, *headers: tuple[str, str | bytes]) -> Reply:
        return self.get(path, ("Authorization", f"Bearer {token}"), *headers)


@contextmanager
def serve_asgi(app: Any, http_parser: str = "h11") -> Iterator[Client]:
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, http=http_parser, log_level="warning", ws="websockets-sansio"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.01)
    try:
        yield Client(listener.getsockname()[1])
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


@contextmanager
def serve_waitress(app: Any) -> Iterator[Client]:
    server: Any = waitress.server.create_server(app, host="127.0.0.1", port=0, threads=2)
    stop = threading.Event()

    def run() -> None:
        while not stop.is_set():
            wasyncore.loop(timeout=0.05, map=server._map, count=1)
        # In the server's own thread: its sockets are no other's to close.
        wasyncore.close_all(server._map)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield Client(server.effective_port)
    finally:
        stop.set()
        thread.join()
        server.task_dispatcher.shutdown()


@contextmanager
def serve_werkzeug(app: Any) -> Iterator[Client]:
    server = werkzeug.serving.make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield Client(server.server_port)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
