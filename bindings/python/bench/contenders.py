"""Every library at its best: keys prepared once, the algorithm pinned, `exp` checked."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import joserfc.jwk
import joserfc.jwt
import jwt
import oxyjwt

import bearerd
from tokens import KID, RSA_PUBLIC, RSA_PUBLIC_PEM, SECRET

Verify = Callable[[str], Mapping[str, Any]]


def profile(algorithm: str, *, cached: bool) -> bearerd.Verifier:
    key = {"secret": SECRET} if algorithm == "HS256" else {"pem": RSA_PUBLIC_PEM, "kid": KID}
    cache = {} if cached else {"max_entries": 0}
    return bearerd.Verifier({"profiles": {"api": {"algorithms": [algorithm], "keys": [key], "cache": cache}}})


def pyjwt(algorithm: str) -> Verify:
    key = SECRET if algorithm == "HS256" else RSA_PUBLIC
    decode, algorithms = jwt.PyJWT().decode, [algorithm]
    return lambda token: decode(token, key, algorithms)


def oxy(algorithm: str) -> Verify:
    prepare = oxyjwt.DecodingKey
    key = prepare.from_secret(SECRET) if algorithm == "HS256" else prepare.from_rsa_pem(RSA_PUBLIC_PEM)
    decode, algorithms = oxyjwt.decode, [algorithm]
    return lambda token: decode(token, key, algorithms)


def joserfc_(algorithm: str) -> Verify:
    if algorithm == "HS256":
        key: Any = joserfc.jwk.OctKey.import_key(SECRET)
    else:
        key = joserfc.jwk.RSAKey.import_key(RSA_PUBLIC_PEM, {"kid": KID})
    registry = joserfc.jwt.JWTClaimsRegistry(exp={"essential": True})
    decode, algorithms = joserfc.jwt.decode, [algorithm]

    def verify(token: str) -> Mapping[str, Any]:
        decoded = decode(token, key, algorithms)
        registry.validate(decoded.claims)
        return decoded.claims

    return verify


def contenders(algorithm: str) -> dict[str, Verify]:
    return {
        "bearerd, cached": profile(algorithm, cached=True).verify,
        "bearerd, cold": profile(algorithm, cached=False).verify,
        "oxyjwt": oxy(algorithm),
        "PyJWT": pyjwt(algorithm),
        "joserfc": joserfc_(algorithm),
    }


def refused_by(verify: Verify, token: str) -> bool:
    try:
        verify(token)
    except Exception as error:  # each library has a root of its own
        return type(error).__name__ in ("InvalidSignatureError", "BadSignatureError")
    return False


def assert_answers(name: str, verify: Verify, token: str, expected: dict[str, Any]) -> None:
    answer = verify(token)
    plain = answer.to_dict() if isinstance(answer, bearerd.Claims) else dict(answer)
    assert json.dumps(plain, sort_keys=True) == json.dumps(expected, sort_keys=True), name
    head, payload, signature = token.split(".")
    forged = f"{head}.{payload}.{'A' if signature[0] != 'A' else 'B'}{signature[1:]}"
    assert refused_by(verify, forged), name
