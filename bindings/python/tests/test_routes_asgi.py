"""Routes in the ASGI middleware and the FastAPI dependency, on uvicorn with both of its parsers."""

# Annotations are evaluated here: FastAPI could not find a function's own names in their text.

import asyncio
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from conftest import configuration
from fastapi import Depends, FastAPI, Request, WebSocket
from refusals import assert_demands_are_checked
from routed import ADMIN, HOSTILE, PLAIN, VERIFIER, WRITER, assert_hostile, assert_table, handled, name_of, send
from servers import Client, serve_asgi
from starlette.applications import Starlette
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import JSONResponse
from starlette.routing import Mount, Route, WebSocketRoute
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

import bearerd
from bearerd.asgi import BearerMiddleware
from bearerd.fastapi import Bearer

METHODS = ["GET", "POST", "DELETE", "OPTIONS"]


def answering(name: str) -> Callable[[Request], Any]:
    async def answer(request: Request) -> JSONResponse:
        return JSONResponse(handled(name, request.scope.get("bearerd.claims")))

    return answer


async def socket(websocket: Any) -> None:
    await websocket.accept()
    await websocket.send_json(handled("socket", websocket.scope.get("bearerd.claims")))
    await websocket.close()


def routes() -> list[Any]:
    return [
        WebSocketRoute("/{path:path}", socket),
        Route("/admin", answering("admin"), methods=METHODS),
        Route("/admin/{rest:path}", answering("admin"), methods=METHODS),
        Route("/{path:path}", answering("other"), methods=METHODS),
    ]


def plain() -> Any:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        answer = handled(name_of(scope["path"]), scope.get("bearerd.claims"))
        await JSONResponse(answer)(scope, receive, send)

    return BearerMiddleware(app, VERIFIER, routes=True)


def starlette() -> Any:
    app = Starlette(routes=routes())
    app.add_middleware(BearerMiddleware, verifier=VERIFIER, routes=True)
    return app


def mounted() -> Any:
    """The whole path decides, and not what the mount has left of it."""
    inner = BearerMiddleware(Starlette(routes=routes()[1:]), VERIFIER, routes=True)
    guarded = BearerMiddleware(answering_app("admin"), VERIFIER, routes=True)
    return Starlette(routes=[Mount("/admin", guarded), Mount("/", inner)])


def answering_app(name: str) -> Any:
    return Starlette(
        routes=[Route("/", answering(name), methods=METHODS), Route("/{path:path}", answering(name), methods=METHODS)]
    )


def fastapi(**options: Any) -> FastAPI:
    app = FastAPI(openapi_url=None, **options)
    for path, name in (("/admin", "admin"), ("/admin/{rest:path}", "admin"), ("/{path:path}", "other")):
        app.api_route(path, methods=[*METHODS, "HEAD"])(answering(name))

    @app.websocket("/{path:path}")
    async def ws(websocket: WebSocket) -> None:
        await socket(websocket)

    return app


def dependency() -> FastAPI:
    bearer = Bearer(VERIFIER, routes=True)
    app = fastapi(dependencies=[Depends(bearer)])
    bearer.install(app)
    return app


def fastapi_middleware() -> FastAPI:
    app = fastapi()
    app.add_middleware(BearerMiddleware, verifier=VERIFIER, routes=True)
    return app


def without_raw_path() -> Any:
    """As a server that does not tell the raw path."""
    app = starlette()

    async def server(scope: Any, receive: Any, send: Any) -> None:
        await app({name: value for name, value in scope.items() if name != "raw_path"}, receive, send)

    return server


APPS = [plain, starlette, mounted, dependency, fastapi_middleware]


@pytest.fixture(
    scope="module",
    params=[(app, parser) for parser in ("h11", "httptools") for app in APPS],
    ids=lambda pair: f"{pair[0].__name__} on {pair[1]}",
)
def served(request: pytest.FixtureRequest) -> Iterator[tuple[Client, str, bool]]:
    make, parser = request.param
    with serve_asgi(make(), parser) as client:
        yield client, parser, make in (mounted, dependency)


def test_table(served: tuple[Client, str, bool]) -> None:
    assert_table(served[0])


#: httptools takes off what stands before a path, or behind it, and tells the path alone.
REWRITTEN = {
    "h11": {},
    "httptools": {"/admin#x": "admin", "http://shop.example/admin": "admin", "/x?#": "other"},
}


def test_hostile(served: tuple[Client, str, bool]) -> None:
    client, parser, inside = served
    assert_hostile(client, REWRITTEN[parser], inside=inside)


def test_websocket() -> None:
    with serve_asgi(starlette()) as client:
        assert_websocket(client)
    with serve_asgi(dependency()) as client:
        assert_websocket(client)


def assert_websocket(client: Client) -> None:
    def ask(path: str, token: str | None = None) -> Any:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        with connect(f"ws://127.0.0.1:{client.port}{path}", additional_headers=headers) as websocket:
            return json.loads(websocket.recv())

    assert ask("/chat?x") == {"handler": "socket", "sub": None}
    assert ask("/admin/chat", ADMIN) == {"handler": "socket", "sub": "ada"}
    assert ask("/api/orders/7", WRITER) == {"handler": "socket", "sub": "ada"}
    for path, token, status, code in [
        ("/api/orders/7", PLAIN, 403, "FORBIDDEN"),
        ("/admin/chat", None, 401, "MISSING_TOKEN"),
        ("/x/%2e%2e/admin", ADMIN, 403, "FORBIDDEN"),
    ]:
        with pytest.raises(InvalidStatus) as caught:
            ask(path, token)
        assert caught.value.response.status_code == status
        assert json.loads(caught.value.response.body)["code"] == code


def test_without_raw_path_the_decoded_one_decides() -> None:
    """It is what the handler is chosen by. An escaped slash is then a slash to both."""
    with serve_asgi(without_raw_path()) as client:
        assert_table(client)
        for target in HOSTILE:
            bare, reply = send(client, "GET", target), send(client, "GET", target, ADMIN)
            assert "admin" not in (bare.handler, reply.handler), target
            escaped = "%2f" in target.lower() and target != "/%2fadmin"
            assert (bare.handler == "other") == escaped, (target, bare)
        reply = send(client, "GET", "/admin%2fx")
        assert reply.status == 401 and reply.body["code"] == "MISSING_TOKEN"


def rooted(scope_root: str, path: str, raw: bytes | None, **more: Any) -> int:
    """What the middleware answers to that scope; 0: it lets the request through."""
    seen: list[int] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(0)

    async def answered(message: Any) -> None:
        seen.append(message.get("status", 0))

    scope = {
        **{"type": "http", "method": "GET", "path": path, "root_path": scope_root},
        **{"raw_path": raw, "query_string": b"", "headers": [], **more},
    }
    asyncio.run(BearerMiddleware(app, VERIFIER, routes=True)(scope, None, answered))  # type: ignore[arg-type]
    return seen[0]


def test_what_cannot_be_told_apart_is_refused() -> None:
    for scope_root, path, raw, status in [
        ("", "/x", b"/x", 0),
        ("", "/x", None, 0),
        ("/x", "/x/y", b"/x/y", 0),
        ("/x", "/x", b"/x", 0),
        ("/admin", "/admin/y", b"/admin/y", 401),
        # Routers take these for /admin below the root.
        ("/x", "/admin", b"/admin", 403),
        ("/x", "/xadmin", b"/xadmin", 403),
        ("/x/", "/x/admin", b"/x/admin", 403),
        # Somebody has rewritten one of them.
        ("", "/admin", b"/x", 403),
        ("", "/x", b"/admin", 403),
        ("", "/x/y", b"/y", 403),
        ("/x", "/x/admin", b"/admin", 403),
        ("", "/a%62", b"/a%62", 403),
        ("", "/x?/../admin", b"/x?/../admin", 403),
        ("", "/x\u00e9", "/x\u00e9".encode(), 403),
        ("", "/x\u00e9", b"/x%c3%a9", 0),
        ("", "/x\ufffd", b"/x%ff", 403),
        # Nothing shows the whole.
        ("/x", "/x/admin", None, 403),
        ("", "/x\u00e9", None, 0),
        ("", "/x%2e%2e/y", None, 403),
        ("", "/x?y", None, 403),
        ("", "/x\udcff", None, 403),
        ("", "", None, 403),
        ("", "", b"", 403),
    ]:
        assert rooted(scope_root, path, raw) == status, (scope_root, path, raw)
    assert rooted("", "/x", b"/x", query_string=b"a#b") == 403
    assert rooted("", "/x", b"/x", method="get") == 403
    assert rooted("", "/api/orders/7", b"/api/orders/7", method=None) == 403
    assert rooted("", "/x", b"/x", type="http.new") == 0


def test_below_a_root_path() -> None:
    """Rules are for the path as clients know it."""
    document = {**configuration(), "guards": {"admin": {"roles": ["admin"]}}}
    document["routes"] = [{"path": "/v1/*", "public": True}, {"path": "/v1/admin/*", "guard": "admin"}]
    app = fastapi()
    app.root_path = "/v1"
    app.add_middleware(BearerMiddleware, verifier=bearerd.Verifier(document), routes=True)
    with serve_asgi(app) as client:
        assert send(client, "GET", "/v1/x").handler == "other"
        assert send(client, "GET", "/v1/admin").status == 401
        assert send(client, "GET", "/v1/admin", ADMIN).handler == "admin"
        # FastAPI would choose the same handlers for these.
        for target in ("/x", "/admin", "/v1x/admin"):
            assert send(client, "GET", target, ADMIN).status == 403


def test_a_preflight_is_a_request_as_any() -> None:
    headers = ("Origin: https://shop.example", "Access-Control-Request-Method: GET")
    app = starlette()
    with serve_asgi(app) as client:
        assert send(client, "OPTIONS", "/api/carts", None, *headers).status == 401
    # Middleware that is added later stands outside.
    app = starlette()
    app.add_middleware(CORSMiddleware, allow_origins=["https://shop.example"])
    with serve_asgi(app) as client:
        assert send(client, "OPTIONS", "/api/carts", None, *headers).status == 200


def test_a_dependency_gives_none_where_it_is_public() -> None:
    app = FastAPI()
    bearer = Bearer(VERIFIER, routes=True)

    @app.get("/{path:path}")
    async def any_path(claims: bearerd.Claims | None = Depends(bearer)) -> Any:
        return handled("other", claims)

    with serve_asgi(app) as client:
        assert send(client, "GET", "/x", PLAIN).body == {"handler": "other", "sub": None}
        assert send(client, "GET", "/api/carts", PLAIN).body == {"handler": "other", "sub": "ada"}


def test_sessions_are_waited_for_with_routes_too() -> None:
    document = configuration(sessions={})
    document["routes"] = [{"path": "/*", "public": True}, {"path": "/orders", "guard": "orders"}]
    verifier = bearerd.Verifier(document)
    token = verifier.sign_in("ada", kind="access", claims={"scope": "read:orders"})["access"]
    other = verifier.sign_in("eve", kind="access")["access"]
    with serve_asgi(BearerMiddleware(answering_app("other"), verifier, routes=True)) as client:
        for _ in range(2):
            assert send(client, "GET", "/", "x").status == 200
            assert send(client, "GET", "/orders", token).body == {"handler": "other", "sub": "ada"}
            assert send(client, "GET", "/orders", other).status == 403
            assert send(client, "GET", "//orders", token).status == 403


def refuse_beside_routes(make: Any) -> None:
    """`make(**demands)` builds the middleware."""
    for demand in (
        *({"guard": "admin"}, {"guard": {"roles": [1]}}, {"guard": bearerd.Guard({"vip": True})}, {"roles": 4}),
        *({"scopes": "a"}, {"any_scope": "a"}, {"permission": "a.b"}, {"any_permission": "a.b"}, {"vip": True}),
        *({"team": True}, {"device": True}),
    ):
        with pytest.raises(TypeError, match="either routes or"):
            make(routes=True, **demand)
    for wrong in ("yes", 1, None):
        with pytest.raises(TypeError, match="routes must be"):
            make(routes=wrong)


def test_routes_contradict_a_guard() -> None:
    refuse_beside_routes(lambda **demands: BearerMiddleware(plain(), VERIFIER, **demands))
    refuse_beside_routes(lambda **demands: Bearer(VERIFIER, **demands))
    refuse_beside_routes(lambda routes, **demands: Bearer(VERIFIER, routes=routes).require(**demands))
    with pytest.raises(TypeError, match="either routes or public"):
        BearerMiddleware(plain(), VERIFIER, routes=True, public=["/x"])
    none = bearerd.Verifier(configuration())
    for make in (lambda: Bearer(none, routes=True), lambda: BearerMiddleware(plain(), none, routes=True)):
        with pytest.raises(bearerd.ValidationError, match=r"add \[\[routes\]\] to the configuration"):
            make()
    assert_demands_are_checked(lambda **demands: Bearer(VERIFIER, **demands))
