"""The plain function, for frameworks that there is no middleware for."""

from __future__ import annotations

from typing import Any

import pytest
from conftest import SECRET, access, configuration, hs256

import bearerd
from bearerd import Route

DOCUMENT = {
    **configuration(),
    "guards": {"writers": {"scopes": ["write"]}, "admin": {"roles": ["admin"]}, "\u00e9": {"vip": True}},
    "routes": [
        {"path": "/*", "public": True},
        {"path": "/api/*", "token": True},
        {"path": "/api/orders/*", "methods": ["GET"], "guard": "writers"},
        {"path": "/admin/*", "guard": "admin"},
        {"path": "/caf\u00e9", "guard": "\u00e9"},
    ],
}


@pytest.fixture
def verifier() -> bearerd.Verifier:
    return bearerd.Verifier(DOCUMENT)


def test_what_a_request_must_bring(verifier: bearerd.Verifier) -> None:
    for _ in range(2):
        for method, target, expected in [
            ("GET", "/", Route(True, None)),
            (None, "/", Route(True, None)),
            ("POST", "/x?y=/admin", Route(True, None)),
            ("GET", "/api/carts", Route(False, None)),
            ("GET", "/api/orders/7", Route(False, "writers")),
            ("HEAD", "/api/%6frders/7?", Route(False, "writers")),
            ("GET", "/admin", Route(False, "admin")),
            ("GET", "/caf%c3%a9", Route(False, "\u00e9")),
        ]:
            assert verifier.route(method, target) == expected, target
            assert verifier.route(method and method.encode(), target.encode()) == expected, target
    assert verifier.route(target="/", method="GET").public
    assert verifier.route("GET", "/admin") is verifier.route("PUT", "/admin/x"), "made once"


@pytest.mark.parametrize(
    ("method", "target"),
    [
        *(("DELETE", "/api/orders/7"), (None, "/api/orders/7"), ("", "/api/orders/7"), (b"\xff", "/")),
        *(("get", "/"), ("Get", "/admin"), ("GE\udcffT", "/"), ("GET", "/x\udcff"), ("GET", b"/\xff")),
        *(("GET", "//admin"), ("GET", "/x/../admin"), ("GET", "/x%2fadmin"), ("GET", "/admin;x"), ("GET", "/ADMIN")),
        *(("GET", ""), ("GET", "*"), ("GET", "admin"), ("GET", "/x\0"), ("GET", "/x y"), ("GET", "/caf\u00e9")),
        *(("GET", "/x#y"), ("GET", "http://x/"), ("GET", "/%"), ("GET", "/x%00")),
    ],
)
def test_what_is_refused(verifier: bearerd.Verifier, method: Any, target: Any) -> None:
    with pytest.raises(bearerd.ForbiddenError):
        verifier.route(method, target)


def test_with_the_headers_of_a_request(verifier: bearerd.Verifier) -> None:
    route = verifier.route("GET", "/api/orders/7")
    writer, plain = (hs256(access(scope=scope)) for scope in ("write", "read"))
    assert verifier.verify_headers([("authorization", f"Bearer {writer}")], guard=route.guard)["sub"] == "ada"
    with pytest.raises(bearerd.ForbiddenError):
        verifier.verify_headers([("authorization", f"Bearer {plain}")], guard=route.guard)


def test_what_is_wrong_is_said(verifier: bearerd.Verifier) -> None:
    none = bearerd.Verifier({"profiles": {"api": {"algorithms": ["HS256"], "keys": [{"secret": SECRET}]}}})
    with pytest.raises(bearerd.ValidationError, match=r"add \[\[routes\]\] to the configuration"):
        none.route("GET", "/")
    calls: list[Any] = [
        lambda: verifier.route("GET"),  # type: ignore[call-arg]
        lambda: verifier.route("GET", None),  # type: ignore[arg-type]
        lambda: verifier.route(7, "/"),  # type: ignore[arg-type]
        lambda: verifier.route("GET", "/", "x"),  # type: ignore[call-arg]
        lambda: verifier.route("GET", "/", path="x"),  # type: ignore[call-arg]
    ]
    for call in calls:
        with pytest.raises(TypeError):
            call()
