"""Routes in the WSGI middleware and the Flask extension, on waitress, werkzeug, gunicorn and wsgiref."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
import wsgiref.simple_server
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import routes_wsgi
from conftest import configuration
from routed import ADMIN, HOSTILE, PLAIN, VERIFIER, assert_hostile, assert_table, send
from servers import Client, serve_waitress, serve_werkzeug
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.middleware.proxy_fix import ProxyFix

import bearerd
from bearerd.flask import Bearer
from bearerd.wsgi import BearerMiddleware


@contextmanager
def serve_gunicorn(app: str) -> Iterator[Client]:
    listener = socket.create_server(("127.0.0.1", 0))
    client = Client(listener.getsockname()[1])
    command = [
        *(sys.executable, "-m", "gunicorn", f"routes_wsgi:{app}", "--bind", f"fd://{listener.fileno()}"),
        *("--log-level", "critical", "--no-control-socket"),
    ]
    here = Path(__file__).parent
    process = subprocess.Popen(command, cwd=here, env={**os.environ}, pass_fds=[listener.fileno()])
    listener.close()
    try:
        end = time.monotonic() + 30
        while True:
            assert time.monotonic() < end and process.poll() is None, "gunicorn did not start"
            try:
                send(client, "GET", "/")
                break
            except OSError:
                time.sleep(0.05)
        yield client
    finally:
        process.terminate()
        process.wait(20)


class Quiet(wsgiref.simple_server.WSGIRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def serve_wsgiref(app: Any) -> Iterator[Client]:
    """A server that tells no raw target."""
    server = wsgiref.simple_server.make_server("127.0.0.1", 0, app, handler_class=Quiet)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield Client(server.server_port)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def on_gunicorn(app: str) -> Any:
    return serve_gunicorn(app)


def on_waitress(app: str) -> Any:
    return serve_waitress(getattr(routes_wsgi, app))


def on_werkzeug(app: str) -> Any:
    return serve_werkzeug(getattr(routes_wsgi, app))


APPS = ["plain", "checked_app", "decorated_app"]


@pytest.fixture(
    scope="module",
    params=[(app, serve) for serve in (on_waitress, on_werkzeug, on_gunicorn) for app in APPS],
    ids=lambda pair: f"{pair[0]} {pair[1].__name__}",
)
def served(request: pytest.FixtureRequest) -> Iterator[tuple[Client, str, Any]]:
    app, serve = request.param
    with serve(app) as client:
        yield client, app, serve


def test_table(served: tuple[Client, str, Any]) -> None:
    assert_table(served[0])


#: Python's http.server, which werkzeug's is built on, makes one slash of those that a target begins with.
ONE_SLASH = {"//admin": "admin", "///admin": "admin", "//shop.example/admin": "other"}
REWRITTEN: dict[Any, dict[str, str]] = {on_waitress: {}, on_werkzeug: ONE_SLASH, on_gunicorn: {}}


def test_hostile(served: tuple[Client, str, Any]) -> None:
    client, app, serve = served
    assert_hostile(client, REWRITTEN[serve], inside=app == "decorated_app")


def test_without_a_raw_target_the_path_decides() -> None:
    """It is what the handler is chosen by. What was escaped and what was not is then one to both."""
    for app in APPS:
        with serve_wsgiref(getattr(routes_wsgi, app)) as client:
            assert_table(client)
            for target in HOSTILE:
                bare, reply = send(client, "GET", target), send(client, "GET", target, ADMIN)
                if target in ("//admin", "///admin", "/admin#x"):
                    assert (bare.status, reply.status) in ((401, 200), (403, 403), (404, 404)), (target, bare, reply)
                    continue
                assert "admin" not in (bare.handler, reply.handler), target
                slash = "%2f" in target.lower() and target != "/%2fadmin"
                other = slash or target in ("//shop.example/admin", "/caf\u00e9")
                assert (bare.handler == "other") == other, (target, bare)
            assert send(client, "GET", "/admin%2fx").status == 401


def asked(script: str, path: str, method: Any = "GET", **said: str) -> int:
    """What the middleware answers; 0: it lets the request through."""
    seen: list[int] = []
    app = BearerMiddleware(lambda environ, start: [], VERIFIER, routes=True)
    environ = {"SCRIPT_NAME": script, "PATH_INFO": path, "REQUEST_METHOD": method, **said}
    app(environ, lambda status, headers: seen.append(int(status[:3])))
    return seen[0] if seen else 0


def test_what_cannot_be_told_apart_is_refused() -> None:
    for script, path, raw, status in [
        ("", "/x", "/x", 0),
        ("", "/x", "/x?y=/../admin", 0),
        ("", "/x", "/x?y#", 403),
        ("/x", "/y", "/x/y", 0),
        ("/x", "", "/x", 0),
        ("/admin", "/y", "/admin/y", 401),
        # Somebody has rewritten one of them, or put a prefix in front.
        ("/x", "/admin", "/admin", 403),
        ("", "/admin", "/x", 403),
        ("", "/x", "/admin", 403),
        ("", "/admin", "/x/../admin", 403),
        ("", "/admin", "//admin", 403),
        ("", "/admin", "http://shop.example/admin", 403),
        ("", "/admin", "/ad\tmin", 403),
        ("", "/admin", "", 403),
        ("", "/x\xc3\xa9", "/x\xc3\xa9", 403),
        ("", "/x\xc3\xa9", "/x%c3%a9", 0),
        ("", "/x\xff", "/x%ff", 403),
        ("", "/x?", "/x\u0141", 403),
    ]:
        for name in ("RAW_URI", "REQUEST_URI"):
            assert asked(script, path, **{name: raw}) == status, (script, path, raw)
    # Two names, and two targets.
    assert asked("", "/x", RAW_URI="/x", REQUEST_URI="/x") == 0
    assert asked("", "/x", RAW_URI="/x", REQUEST_URI="/%78") == 403
    # None that anybody tells.
    for script, path, status in [
        ("", "/x", 0),
        ("", "/admin/", 401),
        ("", "/x\xc3\xa9", 0),
        ("", "/x\xff", 403),
        ("", "/x\u0141", 403),
        ("", "/x%41", 403),
        ("", "/x?y", 403),
        ("", "/x#y", 403),
        ("", "//x", 403),
        ("", "/x/../y", 403),
        ("", "x", 403),
        ("", "", 403),
        ("/x", "/y", 403),
    ]:
        assert asked(script, path) == status, (script, path)
    assert asked("", "/x", "get") == 403
    assert asked("", "/api/orders/7", None) == 403


def test_below_a_mount_the_whole_path_decides() -> None:
    app = DispatcherMiddleware(routes_wsgi.plain, {"/admin": routes_wsgi.checked_app})
    with serve_werkzeug(app) as client:
        assert send(client, "GET", "/x").handler == "other"
        assert send(client, "GET", "/admin/x").status == 401
        assert send(client, "GET", "/admin/x", ADMIN).handler == "other", "the mounted application's own"


def test_a_prefix_that_a_proxy_tells_is_no_part_of_the_target() -> None:
    app = ProxyFix(routes_wsgi.checked_app, x_prefix=1)
    for serve in (serve_werkzeug, serve_waitress, serve_wsgiref):
        with serve(app) as client:
            for token in (None, ADMIN):
                reply = send(client, "GET", "/admin", token, "X-Forwarded-Prefix: /x")
                assert reply.status == 403, reply


def test_a_method_that_is_overridden_in_front() -> None:
    """The method that arrives decides: an override stands in front of what guards."""

    def override(app: Any) -> Any:
        def overriding(environ: dict[str, Any], start_response: Any) -> Any:
            environ["REQUEST_METHOD"] = environ.get("HTTP_X_HTTP_METHOD_OVERRIDE", environ["REQUEST_METHOD"])
            return app(environ, start_response)

        return overriding

    with serve_waitress(override(routes_wsgi.checked_app)) as client:
        writer = VERIFIER.sign({"sub": "ada", "scope": "write"})
        assert send(client, "GET", "/api/orders/7", writer).status == 200
        for method in ("DELETE", "delete", "Get"):
            assert send(client, "GET", "/api/orders/7", writer, f"X-HTTP-Method-Override: {method}").status == 403


def test_the_client_of_flasks_tests() -> None:
    client = routes_wsgi.checked_app.test_client()
    assert client.get("/x").json == {"handler": "other", "sub": None}
    assert client.get("/admin").status_code == 401
    bearer = {"Authorization": f"Bearer {PLAIN}"}
    assert client.get("/api/carts", headers=bearer).json == {"handler": "other", "sub": "ada"}


def test_routes_contradict_a_guard() -> None:
    def app(environ: Any, start_response: Any) -> list[bytes]:
        return []

    def view() -> str:
        return ""

    makers: list[Any] = [
        lambda **demands: BearerMiddleware(app, VERIFIER, **demands),
        lambda **demands: Bearer(VERIFIER, **demands),
        lambda routes, **demands: Bearer(VERIFIER, routes=routes).required(**demands),
        lambda routes, **demands: Bearer(VERIFIER, **demands).required(routes=routes),
    ]
    for make in makers:
        for demand in ({"guard": "admin"}, {"permission": "a.b"}, {"scopes": ["a"]}, {"device": True}):
            with pytest.raises(TypeError, match="either routes or"):
                make(routes=True, **demand)
    with pytest.raises(TypeError, match="either routes or public"):
        BearerMiddleware(app, VERIFIER, routes=True, public=["/x"])
    none = bearerd.Verifier(configuration())
    for make in (lambda: Bearer(none, routes=True), lambda: BearerMiddleware(app, none, routes=True)):
        with pytest.raises(bearerd.ValidationError, match=r"add \[\[routes\]\] to the configuration"):
            make()
    assert Bearer(VERIFIER, routes=True).required(view).__name__ == "view"
