"""Signing and rotation."""

from __future__ import annotations

import time
from typing import Any

import jwt
import pytest
from conftest import SECRET, access, configuration, hs256

import bearerd


@pytest.fixture
def rotating() -> bearerd.Verifier:
    return bearerd.Verifier(configuration(rotation={"grace": "0s"}))


def test_what_is_signed_verifies_elsewhere(verifier: bearerd.Verifier) -> None:
    token = verifier.sign({"sub": "ada", "scope": ["a"], "name": "\u0141\U0001f600"}, ttl="5m")
    assert type(token) is str
    decoded = jwt.decode(token, SECRET, algorithms=["HS256"])
    assert decoded["sub"] == "ada" and decoded["name"] == "\u0141\U0001f600"
    assert abs(decoded["exp"] - time.time() - 300) < 60
    assert verifier.verify(token) == decoded


def test_options_of_sign(verifier: bearerd.Verifier) -> None:
    assert verifier.verify(verifier.sign({}, kind="refresh"), kind="refresh")["tokenType"] == "refresh"
    assert verifier.verify(verifier.sign('{"sub":"ada"}', profile="api", ttl=60))["sub"] == "ada"
    claims = verifier.verify(verifier.sign({"sub": "ada", "o": {"p": [1, {"q": 2}]}}))
    # Claims may go into new claims, whole or in parts.
    assert verifier.verify(verifier.sign({"o": claims["o"]}))["o"] == {"p": [1, {"q": 2}]}
    for options, error, names in [
        ({"kind": "any"}, ValueError, "kind"),
        ({"kind": 1}, TypeError, "kind"),
        ({"ttl": 1.5}, TypeError, "ttl"),
        ({"ttl": True}, TypeError, "ttl"),
        ({"ttl": ""}, ValueError, "ttl"),
        ({"ttl": "soon"}, bearerd.ValidationError, "VALIDATION"),
        ({"profile": "web"}, bearerd.BearerError, "web|profile"),
        ({"profile": 1}, TypeError, "profile"),
    ]:
        with pytest.raises(error, match=names):  # type: ignore[call-overload]
            verifier.sign({"sub": "ada"}, **options)
    for wrong, error in [
        (None, TypeError),
        (object(), TypeError),
        ({"x": object()}, TypeError),
        ({"x": float("inf")}, ValueError),
        ({"exp": 5}, bearerd.ValidationError),
        ([], bearerd.ValidationError),
        ("{", bearerd.ValidationError),
        ({"x": "\ud800"}, bearerd.ValidationError),
    ]:
        with pytest.raises(error):
            verifier.sign(wrong)  # type: ignore[arg-type]


def test_a_profile_that_does_not_sign() -> None:
    document = configuration()
    del document["profiles"]["api"]["sign"]
    verifier = bearerd.Verifier(document)
    with pytest.raises(bearerd.ValidationError):
        verifier.sign({"sub": "ada"})


def test_pair(verifier: bearerd.Verifier) -> None:
    pair = verifier.sign_pair({"sub": "ada"}, ttl="1m")
    assert pair.keys() == {"access", "access_expires_at", "refresh", "refresh_expires_at"}
    assert verifier.verify(pair["access"])["exp"] == pair["access_expires_at"]
    assert verifier.verify(pair["refresh"], kind="refresh")["exp"] == pair["refresh_expires_at"]
    with pytest.raises(TypeError, match="kind"):
        verifier.sign_pair({"sub": "ada"}, kind="access")  # type: ignore[call-arg]


def test_rotation(rotating: Any) -> None:
    pair = rotating.sign_pair({"sub": "ada", "roleId": 4, "vip": True})
    new = rotating.rotate(pair["refresh"], set={"roleId": 5}, remove=["vip"], ttl="1m")
    claims = rotating.verify(new["access"])
    assert claims["roleId"] == 5 and "vip" not in claims and claims["sub"] == "ada"
    assert new["payload"]["roleId"] == 5
    with pytest.raises(bearerd.WrongTokenKindError):
        rotating.rotate(pair["access"])
    with pytest.raises(bearerd.ReusedTokenError) as caught:
        rotating.rotate(pair["refresh"])
    assert caught.value.code == "REUSED"
    # The family went with it.
    with pytest.raises(bearerd.InvalidTokenError):
        rotating.rotate(new["refresh"])


def test_rotation_refuses_what_it_does_not_understand(rotating: Any) -> None:
    refresh = rotating.sign_pair({"sub": "ada"})["refresh"]
    for options, error in [
        ({"set": []}, bearerd.ValidationError),
        ({"set": "{"}, bearerd.ValidationError),
        ({"remove": "vip"}, bearerd.ValidationError),
        ({"remove": [1]}, bearerd.ValidationError),
        ({"set": object()}, TypeError),
        ({"sets": {}}, TypeError),
        ({"profile": ""}, ValueError),
    ]:
        with pytest.raises(error):
            rotating.rotate(refresh, **options)
    for token in ("\u0141", "\ud800", "", b"\xff", hs256(access())):
        with pytest.raises((bearerd.InvalidTokenError, bearerd.AccessError)):
            rotating.rotate(token)
    with pytest.raises(TypeError, match="refresh must be"):
        rotating.rotate(None)
    assert rotating.rotate(refresh)["access"]


def test_revoking_a_family(rotating: Any) -> None:
    pair = rotating.sign_pair({"sub": "ada"})
    family = next(value for name, value in rotating.verify(pair["refresh"], kind="refresh").items() if name == "family")
    rotating.revoke_family(family)
    with pytest.raises(bearerd.InvalidTokenError):
        rotating.rotate(pair["refresh"])


def test_jwks_shows_public_keys_alone() -> None:
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    pem = ec.generate_private_key(ec.SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    verifier = bearerd.Verifier(
        {"profiles": {"a": {"algorithms": ["ES256"], "keys": [{"pem": pem.decode(), "kid": "k1"}], "sign": {}}}}
    )
    [key] = verifier.jwks()["keys"]
    assert key["kid"] == "k1" and "d" not in key
    assert jwt.decode(verifier.sign({"sub": "ada"}), jwt.PyJWK(key), algorithms=["ES256"])["sub"] == "ada"
