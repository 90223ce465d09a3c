"""One object an entry, and never another entry's."""

from __future__ import annotations

import random
import secrets
from typing import Any

import pytest
from conftest import SECRET, access, configuration, hs256, part

import bearerd


def test_one_object_an_entry(verifier: bearerd.Verifier) -> None:
    one, two = hs256(access(n=1)), hs256(access(n=2))
    assert verifier.verify(one) is verifier.verify(one) is verifier.verify_many([one])[0]
    assert verifier.verify(two) is not verifier.verify(one)
    # The same claims in another token are another entry.
    assert verifier.verify(hs256(access(n=1), header={"typ": "JWT", "alg": "HS256"})) is not verifier.verify(one)
    # Verifiers share nothing.
    assert bearerd.Verifier(configuration()).verify(one) is not verifier.verify(one)


@pytest.mark.parametrize("entries", [0, 1, 16, 300])
def test_a_slot_used_again_serves_its_new_entry(entries: int) -> None:
    small = bearerd.Verifier(configuration(cache={"max_entries": entries}))
    tokens = [hs256(access(n=n)) for n in range(1000)]
    order = random.Random(7)
    for _ in range(20_000):
        n = order.randrange(1000)
        assert small.verify(tokens[n])["n"] == n
    assert [claims["n"] for claims in small.verify_many(tokens)] == list(range(1000))  # type: ignore[index]
    stats = small.stats()
    assert stats["entries"] <= stats["slots"] <= entries + 64
    if entries:
        assert stats["evicted"] > 1000 and stats["hits"] > 0


def test_objects_outlive_what_made_them() -> None:
    verifier = bearerd.Verifier(configuration(cache={"max_entries": 16}))
    first = verifier.verify(hs256(access(n=0)))
    for n in range(1, 500):
        verifier.verify(hs256(access(n=n)))
    del verifier
    assert first["n"] == 0 and first["scope"] == ("read:orders", "write:orders")


def test_kept_text_is_bounded() -> None:
    """The library would keep all of these; the objects, which weigh more, are let go."""
    verifier = bearerd.Verifier(
        configuration(
            cache={"max_bytes": 1 << 30, "max_entries": 100_000, "max_entry_bytes": 1 << 20}, limits={"token": 65536}
        )
    )
    tokens = [hs256(access(n=n, pad="x" * 11_000)) for n in range(4000)]
    objects = verifier.verify_many(tokens)
    hits = verifier.stats()["hits"]
    again = verifier.verify_many(tokens)
    assert verifier.stats()["hits"] >= hits + 4000
    same = sum(one is two for one, two in zip(objects, again, strict=True))
    assert 0 < same < 4000
    assert objects == again


def test_a_replaced_key_takes_its_tokens_along(verifier: bearerd.Verifier) -> None:
    token = hs256(access())
    claims = verifier.verify(token)
    other = "k" + secrets.token_hex(20)
    verifier.replace_keys({"keys": [{"kty": "oct", "k": part(other.encode()), "alg": "HS256"}]})
    with pytest.raises(bearerd.InvalidTokenError):
        verifier.verify(token)
    assert verifier.verify(hs256(access(), secret=other))["sub"] == "ada"
    verifier.replace_keys({"keys": [{"kty": "oct", "k": part(SECRET.encode()), "alg": "HS256"}]}, profile="api")
    assert verifier.verify(token) == claims
    for wrong, error in [("{", bearerd.BearerError), ({"keys": 1}, bearerd.BearerError), (object(), TypeError)]:
        with pytest.raises(error):
            verifier.replace_keys(wrong)  # type: ignore[arg-type]
    assert verifier.verify(token) == claims


@pytest.mark.parametrize(
    ("revoke", "code"),
    [
        (lambda v, t: v.revoke_token(t), "REVOKED"),
        (lambda v, t: v.revoke_handle("j1"), "REVOKED"),
        (lambda v, t: v.revoke_handle("j1", profile="api"), "REVOKED"),
        (lambda v, t: v.revoke_subject("ada"), "REVOKED"),
        (lambda v, t: v.revoke_subject("ada", issued_before=4_000_000_000), "REVOKED"),
        (lambda v, t: v.revoke_subject("eve"), "OK"),
        (lambda v, t: v.revoke_handle("j2"), "OK"),
        (lambda v, t: v.revoke_subject("ada", issued_before=1000), "OK"),
    ],
)
def test_revocation_holds_on_a_hit(verifier: bearerd.Verifier, revoke: Any, code: str) -> None:
    token = hs256(access(jti="j1", iat=1_700_000_000))
    verifier.verify(token)
    revoke(verifier, token)
    for _ in range(2):
        try:
            verifier.verify(token)
            found = "OK"
        except bearerd.BearerError as error:
            found = error.code
        assert found == code


def test_revocation_refuses_what_it_does_not_understand(verifier: bearerd.Verifier) -> None:
    with pytest.raises(TypeError, match="handle"):
        verifier.revoke_handle(7)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="handle"):
        verifier.revoke_handle("\ud800")
    for wrong in ("1", 1.5, True):
        with pytest.raises(TypeError, match="issued_before"):
            verifier.revoke_subject("ada", issued_before=wrong)  # type: ignore[arg-type]
    with pytest.raises(OverflowError):
        verifier.revoke_subject("ada", issued_before=2**63)
    with pytest.raises(bearerd.BearerError):
        verifier.revoke_token("no token")
