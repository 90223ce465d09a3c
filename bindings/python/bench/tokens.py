"""Tokens like an application's: 251 bytes of claims, HS256 and RS256."""

from __future__ import annotations

import json
import time
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

SECRET = "vRQJ8mTn0cWf5yB2xKqZ7hLpSd3gUeA1"
KID = "2024-key-1"
RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
RSA_PUBLIC = RSA_KEY.public_key()
RSA_PUBLIC_PEM = RSA_PUBLIC.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
CLAIMS_BYTES = 251


def claims(number: int) -> dict[str, Any]:
    now = int(time.time())
    document = {
        "sub": f"user-{number:08}",
        "iat": now - 5,
        "exp": now + 3600,
        "jti": f"9f0c7e1e-{number:08}",
        "tokenType": "access",
        "roleId": 4,
        "vip": True,
        "teamId": "team-17",
        "scope": ["read:orders", "write:orders", "read:users"],
        "deviceId": "",
    }
    size = len(json.dumps(document, separators=(",", ":")))
    document["deviceId"] = "d4c1-7f9e-22ab-4b1d-9a61-2f6f1f2f-7e"[: CLAIMS_BYTES - size].ljust(CLAIMS_BYTES - size, "0")
    assert len(json.dumps(document, separators=(",", ":"))) == CLAIMS_BYTES
    return document


def hs256(number: int) -> str:
    return jwt.encode(claims(number), SECRET, "HS256")


def rs256(number: int) -> str:
    return jwt.encode(claims(number), RSA_KEY, "RS256", headers={"kid": KID})
