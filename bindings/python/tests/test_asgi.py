"""The ASGI middleware and the FastAPI dependency, on uvicorn."""

# Annotations are evaluated here: FastAPI could not find a function's own names in their text.

import asyncio
import json
import runpy
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import pytest
from conftest import access, configuration, hs256
from fastapi import Depends, FastAPI, WebSocket
from refusals import (
    DEMANDS,
    GOOD,
    assert_demands,
    assert_demands_are_checked,
    assert_device,
    assert_guards,
    assert_refused,
)
from servers import Client, serve_asgi
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Mount, Route, WebSocketRoute
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

import bearerd
from bearerd.asgi import BearerMiddleware
from bearerd.fastapi import Bearer

VERIFIER = bearerd.Verifier(configuration())


async def orders(request: Request) -> JSONResponse:
    assert request.scope["bearerd.claims"] is request.state.claims
    return JSONResponse({"sub": request.state.claims["sub"]})


async def health(request: Request) -> JSONResponse:
    return JSONResponse({"claims": hasattr(request.state, "claims")})


async def socket(websocket: Any) -> None:
    await websocket.accept()
    await websocket.send_json({"sub": websocket.state.claims["sub"]})
    await websocket.close()


def starlette() -> Any:
    plain = [
        Route("/orders", orders),
        Route("/healthz", health),
        Route("/healthz/x", health),
        WebSocketRoute("/ws", socket),
    ]
    demands = [
        Route(f"/demand/{number}", BearerMiddleware(orders_app, VERIFIER, **demand))  # type: ignore[arg-type]
        for number, (demand, *_) in enumerate(DEMANDS)
    ]
    device = Route("/device", BearerMiddleware(orders_app, VERIFIER, device=True))  # type: ignore[arg-type]
    guarded = BearerMiddleware(Starlette(routes=plain), VERIFIER, public=["/healthz"])
    return Starlette(routes=[*demands, device, Mount("/", guarded)])


async def orders_app(scope: Any, receive: Any, send: Any) -> None:
    await JSONResponse({"sub": scope["bearerd.claims"]["sub"]})(scope, receive, send)


def fastapi() -> FastAPI:
    app = FastAPI()
    bearer = Bearer(VERIFIER)
    bearer.install(app)

    @app.get("/orders")
    def orders(claims: Annotated[bearerd.Claims, Depends(bearer)]) -> dict[str, Any]:
        return {"sub": claims["sub"]}

    @app.get("/claims")
    async def claims(claims: Annotated[bearerd.Claims, Depends(bearer)]) -> dict[str, Any]:
        return claims.to_dict()

    @app.get("/device")
    async def device(claims: Annotated[bearerd.Claims, Depends(bearer.require(device=True))]) -> dict[str, Any]:
        return {"sub": claims["sub"]}

    @app.websocket("/ws")
    async def ws(websocket: WebSocket, claims: Annotated[bearerd.Claims, Depends(bearer)]) -> None:
        await websocket.accept()
        await websocket.send_json({"sub": claims["sub"]})
        await websocket.close()

    for number, (demand, *_) in enumerate(DEMANDS):
        required = bearer.require(**demand)  # type: ignore[arg-type]

        @app.get(f"/demand/{number}")
        async def demanded(claims: Annotated[bearerd.Claims, Depends(required)]) -> dict[str, Any]:
            return {"sub": claims["sub"]}

    return app


@pytest.fixture(scope="module", params=[starlette, fastapi], ids=["starlette", "fastapi"])
def client(request: pytest.FixtureRequest) -> Iterator[Client]:
    with serve_asgi(request.param()) as client:
        yield client


def test_guards(client: Client) -> None:
    assert_guards(client, "/orders")


@pytest.mark.parametrize("number", range(len(DEMANDS)))
def test_demands(client: Client, number: int) -> None:
    assert_demands(client, number)


def test_device(client: Client) -> None:
    assert_device(client, "/device")


def test_websocket(client: Client) -> None:
    url = f"ws://127.0.0.1:{client.port}/ws"
    with connect(url, additional_headers={"Authorization": f"Bearer {GOOD}"}) as websocket:
        assert json.loads(websocket.recv()) == {"sub": "ada"}
    for headers in ({}, {"Authorization": "Bearer x"}):
        with pytest.raises(InvalidStatus) as caught:
            connect(url, additional_headers=headers)
        assert caught.value.response.status_code == 401
        assert json.loads(caught.value.response.body)["code"] == ("MALFORMED" if headers else "MISSING_TOKEN")


def test_public_paths() -> None:
    with serve_asgi(starlette()) as client:
        assert client.get("/healthz").body == {"claims": False}
        for path in (
            "/healthz/",
            "/healthz/x",
            "/Healthz",
            "//healthz",
            "/healthz/../orders",
            "/orders/../healthz",
            "/healthz%2f..%2forders",
        ):
            assert_refused(client.get(path), "MISSING_TOKEN", 401)


def test_claims_and_schema_of_fastapi() -> None:
    with serve_asgi(fastapi()) as client:
        token = hs256(access(nested={"a": [1, {"b": 2}]}))
        assert client.bearer("/claims", token).body == VERIFIER.verify(token)
        schema = client.get("/openapi.json").body
        assert schema["components"]["securitySchemes"] == {
            "Bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
        }
        assert schema["paths"]["/orders"]["get"]["security"] == [{"Bearer": []}]
        assert "parameters" not in schema["paths"]["/orders"]["get"]


def test_without_install_it_still_refuses() -> None:
    app = FastAPI()

    @app.get("/orders")
    async def orders(claims: Annotated[bearerd.Claims, Depends(Bearer(VERIFIER))]) -> dict[str, Any]:
        return {"sub": claims["sub"]}

    with serve_asgi(app) as client:
        reply = client.get("/orders")
        assert reply.status == 401 and reply.body["detail"]["code"] == "MISSING_TOKEN"
        assert reply.headers["WWW-Authenticate"] == "Bearer"


def test_tokens_elsewhere() -> None:
    verifier = bearerd.Verifier(configuration(token_from=["header:x-token", "cookie:sid"]))
    with serve_asgi(BearerMiddleware(orders_app, verifier)) as client:
        assert client.get("/", ("X-Token", GOOD)).status == 200
        assert client.get("/", ("Cookie", f"a=b; sid={GOOD}")).status == 200
        assert client.get("/", ("Cookie", f"sid={GOOD}"), ("X-Token", GOOD)).status == 200
        assert_refused(client.bearer("/", GOOD), "MISSING_TOKEN", 401)
        other = hs256(access(sub="eve"))
        assert_refused(client.get("/", ("X-Token", GOOD), ("Cookie", f"sid={other}")), "MALFORMED", 401)
        assert_refused(client.get("/", ("X-Token", GOOD), ("X-Token", other)), "MALFORMED", 401)
        assert_refused(client.get("/", ("Cookie", f"sid={GOOD}"), ("Cookie", f"sid={other}")), "MALFORMED", 401)


def test_a_named_guard_may_ask_for_the_device() -> None:
    with serve_asgi(BearerMiddleware(orders_app, VERIFIER, guard="desk")) as client:
        assert_device(client, "/")
    with serve_asgi(BearerMiddleware(orders_app, VERIFIER, guard="desk", device_header="X-Desk")) as client:
        assert client.bearer("/", GOOD, ("x-desk", "d1")).status == 200
        assert_refused(client.bearer("/", GOOD, ("X-Device-Id", "d1")), "DEVICE_MISMATCH", 403)


def test_keys_unavailable_is_503() -> None:
    unreachable = {"algorithms": ["RS256"], "jwks": {"url": "http://127.0.0.1:1/jwks.json"}}
    verifier = bearerd.Verifier({"profiles": {"api": unreachable}})
    token = GOOD.replace(GOOD.split(".")[0], "eyJhbGciOiJSUzI1NiIsImtpZCI6ImsxIn0")
    with serve_asgi(BearerMiddleware(orders_app, verifier)) as client:
        assert_refused(client.bearer("/", token), "KEYS_UNAVAILABLE", 503)


def test_demands_are_checked_when_the_app_is_made() -> None:
    bearer = Bearer(VERIFIER, scopes="read:orders")
    assert_demands_are_checked(lambda **demands: BearerMiddleware(orders_app, VERIFIER, **demands))
    assert_demands_are_checked(Bearer(VERIFIER).require)
    with pytest.raises(TypeError, match="scopes"):
        bearer.require(scopes="write:orders")
    with pytest.raises(TypeError, match="verifier"):
        BearerMiddleware(orders_app, "verifier")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="public"):
        BearerMiddleware(orders_app, VERIFIER, public="/healthz")


def test_other_scopes() -> None:
    """Lifespan passes; what is not known does not pass without a token."""
    seen: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope["type"])

    guarded = BearerMiddleware(app, VERIFIER)
    asyncio.run(guarded({"type": "lifespan"}, None, None))  # type: ignore[arg-type]
    assert seen == ["lifespan"]
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "websocket.connect"}

    asyncio.run(guarded({"type": "websocket", "path": "/", "headers": []}, receive, send))
    assert sent == [{"type": "websocket.close", "code": 1008}]
    asyncio.run(guarded({"type": "http.new", "path": "/", "headers": []}, receive, send))
    assert seen == ["lifespan"] and sent[1]["status"] == 401


def test_the_example() -> None:
    example = runpy.run_path(str(Path(__file__).parent.parent / "examples" / "orders.py"))
    token = example["verifier"].sign({"sub": "ada", "scope": ["read:orders"]})
    with serve_asgi(example["app"]) as client:
        assert client.bearer("/orders", token).body == {"for": "ada", "orders": []}
        assert_refused(client.bearer("/orders", example["verifier"].sign({"sub": "ada"})), "FORBIDDEN", 403)
