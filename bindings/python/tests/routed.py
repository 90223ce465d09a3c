"""What routes ask for, asked of every middleware on its real server, over a bare socket: clients of
HTTP tidy up what they send."""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Mapping
from typing import Any, NamedTuple

from conftest import access, configuration, hs256
from servers import Client

import bearerd

VERIFIER = bearerd.Verifier(
    {
        **configuration(),
        "guards": {"writers": {"scopes": ["write"]}, "admin": {"roles": ["admin"]}, "desk": {"device": True}},
        "routes": [
            {"path": "/*", "public": True},
            {"path": "/api/*", "token": True},
            {"path": "/api/orders/*", "methods": ["GET"], "guard": "writers"},
            {"path": "/admin/*", "guard": "admin"},
            {"path": "/desk", "guard": "desk"},
        ],
    }
)

PLAIN = hs256(access(scope=[]))
WRITER = hs256(access(scope="write"))
ADMIN = hs256(access(roleId="admin"))


class Reply(NamedTuple):
    status: int
    headers: http.client.HTTPMessage
    body: Any

    @property
    def handler(self) -> str | None:
        """Which one was reached."""
        return self.body.get("handler") if isinstance(self.body, dict) else None


def handled(name: str, claims: Any) -> dict[str, Any]:
    """What a handler answers."""
    return {"handler": name, "sub": claims and claims["sub"]}


def name_of(path: str) -> str:
    """The handler of a path, as a router that knows no routes of ours chooses it."""
    return "admin" if path == "/admin" or path.startswith("/admin/") else "other"


def send(client: Client, method: str, target: str, token: str | None = None, *headers: str) -> Reply:
    lines = [f"{method} {target} HTTP/1.1", "Host: shop.example", "Connection: close", "Content-Length: 0", *headers]
    if token is not None:
        lines.append(f"Authorization: Bearer {token}")
    with socket.create_connection(("127.0.0.1", client.port), timeout=10) as connection:
        connection.sendall("\r\n".join([*lines, "", ""]).encode())
        response = http.client.HTTPResponse(connection, method=method)
        response.begin()
        text = response.read()
    is_json = (response.getheader("Content-Type") or "").startswith("application/json")
    return Reply(response.status, response.headers, json.loads(text) if is_json and text else None)


#: Method, target, token, and the status or the code
TABLE: list[tuple[str, str, str | None, int | str]] = [
    ("GET", "/", None, 200),
    ("GET", "/index.html?x=/admin", None, 200),
    ("POST", "/login", "no token at all", 200),
    ("POST", "/login", hs256(access(exp=1)), 200),
    ("GET", "/api/carts", None, "MISSING_TOKEN"),
    ("GET", "/api/carts", "no token at all", "MALFORMED"),
    ("GET", "/api/carts", PLAIN, 200),
    ("GET", "/api/carts/", PLAIN, 200),
    ("GET", "/api/orders/7", None, "MISSING_TOKEN"),
    ("GET", "/api/orders/7", PLAIN, "FORBIDDEN"),
    ("GET", "/api/orders/7", WRITER, 200),
    ("GET", "/api/%6frders/7", PLAIN, "FORBIDDEN"),
    ("HEAD", "/api/orders/7", WRITER, 200),
    ("HEAD", "/api/orders/7", PLAIN, 403),
    ("DELETE", "/api/orders/7", WRITER, "FORBIDDEN"),
    ("DELETE", "/api/orders/7", None, "FORBIDDEN"),
    ("OPTIONS", "/api/orders/7", None, "FORBIDDEN"),
    ("OPTIONS", "/api/carts", None, "MISSING_TOKEN"),
    ("OPTIONS", "/", None, 200),
    ("GET", "/admin", PLAIN, "FORBIDDEN"),
    ("GET", "/admin", None, "MISSING_TOKEN"),
    ("GET", "/admin/x?y", ADMIN, 200),
    ("GET", "/desk", PLAIN, "DEVICE_MISMATCH"),
]

STATUS = {"MISSING_TOKEN": 401, "MALFORMED": 401, "FORBIDDEN": 403, "DEVICE_MISMATCH": 403}

#: Spellings of which some are no targets of HTTP to begin with, so that servers answer 400 themselves
HOSTILE = [
    "//admin",
    "///admin",
    "/admin//x",
    "/x/../admin",
    "/x/%2e%2e/admin",
    "/x/%2E%2E/admin",
    "/x/.%2e/admin",
    "/./admin",
    "/admin;x",
    "/x;/../admin",
    "/x%2fadmin",
    "/x%2Fadmin",
    "/%2fadmin",
    "/x%5cadmin",
    "/x%5Cadmin",
    "/x\\admin",
    "/x/..\\admin",
    "/admin%00",
    "/admin%",
    "/admin%2",
    "/%c0%af/admin",
    "/%ff",
    "/%252e%252e/admin",
    "/%2561dmin",
    "/ADMIN",
    "/Admin/x",
    "/%41dmin",
    "/admin%3fx",
    "/x%23/../admin",
    "/admin#x",
    "/x?#",
    "/caf\u00e9",
    "/ad\tmin",
    "admin",
    "*",
    "shop.example:80",
    "http://shop.example/admin",
    "http://shop.example//admin",
    "//shop.example/admin",
    "/%ef%bc%8fadmin",
]


def assert_table(client: Client) -> None:
    for method, target, token, expected in TABLE:
        reply = send(client, method, target, token)
        asked = (method, target, reply)
        if isinstance(expected, int):
            assert reply.status == expected, asked
            continue
        assert (reply.status, reply.body["code"]) == (STATUS[expected], expected), asked
        challenge = reply.headers["WWW-Authenticate"]
        said = "invalid_token" if reply.status == 401 else "insufficient_scope"
        assert challenge == "Bearer" if expected == "MISSING_TOKEN" else challenge.startswith(f'Bearer error="{said}"')
    # On a public path nobody is anybody, whatever token comes along.
    assert send(client, "GET", "/index.html", ADMIN).body == {"handler": "other", "sub": None}
    assert send(client, "GET", "/api/carts", PLAIN).body == {"handler": "other", "sub": "ada"}
    assert send(client, "GET", "/admin/x", ADMIN).body == {"handler": "admin", "sub": "ada"}
    assert send(client, "GET", "/desk", PLAIN, "X-Device-Id: d1").status == 200
    assert_methods(client)


def assert_methods(client: Client) -> None:
    """What a method of small letters is, routers do not agree on."""
    for target in ("/api/orders/7", "/admin", "/"):
        reply = send(client, "get", target, ADMIN)
        # A server may have made capitals of it before anybody else saw it.
        assert reply.status in (400, 403, 405, 501) or reply == send(client, "GET", target, ADMIN), (target, reply)


def assert_hostile(client: Client, rewritten: Mapping[str, str], *, inside: bool = False) -> None:
    """`rewritten`: what this server makes another target of before anybody sees it, and the handler of
    that. Whoever sends it gets what the other one asks for, and no more. `inside`: the router is asked
    first, and may know of none."""
    for target in HOSTILE:
        bare, reply = send(client, "GET", target), send(client, "GET", target, ADMIN)
        asked = (target, bare, reply)
        if target in rewritten:
            assert reply.handler == rewritten[target], asked
            assert bare.status == 401 if reply.handler == "admin" else bare.body["sub"] is None, asked
            continue
        for each in (bare, reply):
            assert each.status in (400, 403) or inside and each.status == 404, asked
            assert each.handler is None, asked
        if reply.body is not None and reply.status == 403:
            assert reply.body["code"] == "FORBIDDEN", (target, reply)
