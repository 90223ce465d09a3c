"""What every middleware answers alike: asked of each, on its real server."""

from __future__ import annotations

import pytest
from conftest import access, hs256
from servers import Client, Reply

import bearerd

GOOD = hs256(access())


def assert_refused(reply: Reply, code: str, status: int) -> None:
    row = next(row for row in bearerd.errors.BY_NUMBER.values() if row.code == code)
    assert (reply.status, reply.body) == (status, {"code": code, "message": row.message, "status": status})
    assert reply.headers["Content-Type"] == "application/json"
    assert reply.headers["Cache-Control"] == "no-store"
    challenge = reply.headers["WWW-Authenticate"]
    if code == "MISSING_TOKEN":
        assert challenge == "Bearer"
    elif status == 401:
        assert challenge == f'Bearer error="invalid_token", error_description="{row.message}"'
    elif status == 403:
        assert challenge == f'Bearer error="insufficient_scope", error_description="{row.message}"'
    else:
        assert challenge is None


def assert_guards(client: Client, path: str) -> None:
    """`path` asks for a token and nothing besides, and answers {"sub": …}."""
    reply = client.bearer(path, GOOD)
    assert (reply.status, reply.body) == (200, {"sub": "ada"})
    assert client.get(path, ("authorization", f"bEARER {GOOD}")).status == 200
    for headers in ([], [("Authorization", "Basic YTpi")], [("Authorization", "Bearer")], [("X-Token", GOOD)]):
        assert_refused(client.get(path, *headers), "MISSING_TOKEN", 401)
    other = hs256(access(sub="eve"))
    for values in (
        [f"Bearer {GOOD}", f"Bearer {other}"],
        [f"Bearer {other}", f"Bearer {GOOD}"],
        [f"Bearer {GOOD}", f"Bearer {GOOD}"],
        [f"Bearer {GOOD}", "Basic YTpi"],
        [f"Bearer {GOOD},Bearer {other}"],
        [f"Bearer  {GOOD}"],
        [f"Bearer {GOOD}".encode() + b"\xc5\x81"],
        [f"Bearer {GOOD[:-1]}".encode() + b"\xe9"],
        [f"Bearer {GOOD} x"],
    ):
        reply = client.get(path, *[("Authorization", value) for value in values])
        assert_refused(reply, "MALFORMED", 401)
    assert_refused(client.bearer(path, hs256(access(exp=1))), "EXPIRED", 401)
    assert_refused(client.bearer(path, GOOD[:-6] + "AAAAAA"), "INVALID_SIGNATURE", 401)
    assert_refused(client.bearer(path, hs256(access(tokenType="refresh"))), "WRONG_TOKEN_KIND", 403)
    assert client.bearer(path, GOOD).status == 200


#: Demands, claims that meet them, claims that do not, and the code of those
DEMANDS = [
    ({"roles": 4}, {}, {"roleId": 5}, "FORBIDDEN"),
    ({"roles": [1, "admin"]}, {"roleId": "admin"}, {"roleId": "adm"}, "FORBIDDEN"),
    ({"scopes": "read:orders"}, {}, {"scope": ["write:orders"]}, "FORBIDDEN"),
    ({"scopes": ["read:orders", "write:orders"]}, {}, {"scope": "read:orders"}, "FORBIDDEN"),
    ({"any_scope": ["x", "read:orders"]}, {}, {"scope": []}, "FORBIDDEN"),
    ({"permission": "hr.employee.update"}, {"grants": ["hr.*"]}, {"grants": ["crm.*"]}, "FORBIDDEN"),
    ({"permission": ["hr.a", "crm.b"]}, {"grants": ["*"]}, {"grants": ["hr.*"]}, "FORBIDDEN"),
    ({"any_permission": ["hr.a", "crm.b"]}, {"grants": ["hr.*"]}, {}, "FORBIDDEN"),
    ({"vip": True}, {}, {"vip": False}, "FORBIDDEN"),
    ({"team": True}, {}, {"teamId": ""}, "FORBIDDEN"),
    ({"team": "t1"}, {}, {"teamId": "t2"}, "FORBIDDEN"),
    ({"kind": "refresh"}, {"tokenType": "refresh"}, {}, "WRONG_TOKEN_KIND"),
    ({"guard": "orders"}, {}, {"scope": "x"}, "FORBIDDEN"),
    ({"guard": {"not": {"roles": [9]}}}, {}, {"roleId": 9}, "FORBIDDEN"),
    ({"roles": 4, "scopes": "read:orders", "vip": True}, {}, {"vip": False}, "FORBIDDEN"),
]


def assert_demands(client: Client, number: int) -> None:
    """/demand/<number> asks for DEMANDS[number]."""
    _, met, unmet, code = DEMANDS[number]
    path = f"/demand/{number}"
    assert client.bearer(path, hs256(access(**met))).status == 200
    assert_refused(client.bearer(path, hs256(access(**unmet))), code, 403)
    assert_refused(client.get(path), "MISSING_TOKEN", 401)


def assert_device(client: Client, path: str, joined: bool = False) -> None:
    """`path` asks for the token's own device."""
    assert client.bearer(path, GOOD, ("X-Device-Id", "d1")).status == 200
    for headers in ([], [("X-Device-Id", "")], [("X-Device-Id", "d2")]):
        assert_refused(client.bearer(path, GOOD, *headers), "DEVICE_MISMATCH", 403)
    twice = client.bearer(path, GOOD, ("X-Device-Id", "d1"), ("X-Device-Id", "d2"))
    assert_refused(twice, *(("DEVICE_MISMATCH", 403) if joined else ("VALIDATION_ERROR", 422)))
    odd = client.bearer(path, GOOD, ("X-Device-Id", b"\xff"))
    assert_refused(odd, "VALIDATION_ERROR", 422)


def assert_demands_are_checked(make: object) -> None:
    """`make(**demands)` builds the middleware."""
    for demands, error in [
        ({"role": 4}, TypeError),
        ({"roles": []}, bearerd.ValidationError),
        ({"roles": 4.5}, TypeError),
        ({"scopes": [4]}, bearerd.ValidationError),
        ({"vip": "yes"}, bearerd.ValidationError),
        ({"guard": "absent"}, bearerd.ValidationError),
        ({"guard": {"roles": [4]}, "vip": True}, TypeError),
        ({"profile": "absent"}, bearerd.ValidationError),
        ({"profile": ""}, ValueError),
        ({"audience": ""}, ValueError),
        ({"audience": ["a"]}, TypeError),
        ({"kind": "acces"}, ValueError),
    ]:
        with pytest.raises(error):
            make(**demands)  # type: ignore[operator]
