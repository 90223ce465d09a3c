from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from typing import Any

import pytest

import bearerd

SECRET = "vRQJ8mTn0cWf5yB2xKqZ7hLpSd3gUeA1"


def configuration(**profile: Any) -> dict[str, Any]:
    return {
        "profiles": {
            "api": {
                "algorithms": ["HS256"],
                "keys": [{"secret": SECRET}],
                "claims": {"role": "roleId", "team": "teamId", "device": "deviceId", "kind": {"claim": "tokenType"}},
                "sign": {},
                "permissions": {"grants": "grants"},
                **profile,
            }
        },
        "guards": {"orders": {"scopes": ["read:orders"]}, "desk": {"device": True}},
    }


def part(document: object) -> str:
    text = document if isinstance(document, bytes) else json.dumps(document, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def hs256(claims: object, *, secret: str = SECRET, header: object = None) -> str:
    """A token that no code of ours has made."""
    signed = f"{part(header or {'alg': 'HS256', 'typ': 'JWT'})}.{part(claims)}"
    mac = hmac.new(secret.encode(), signed.encode(), hashlib.sha256).digest()
    return f"{signed}.{part(mac)}"


def access(**claims: Any) -> dict[str, Any]:
    return {
        "sub": "ada",
        "exp": int(time.time()) + 600,
        "tokenType": "access",
        "roleId": 4,
        "vip": True,
        "teamId": "t1",
        "scope": ["read:orders", "write:orders"],
        "deviceId": "d1",
        **claims,
    }


@pytest.fixture
def verifier() -> bearerd.Verifier:
    return bearerd.Verifier(configuration())
