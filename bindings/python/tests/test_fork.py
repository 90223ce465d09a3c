"""A child may use what its parent made."""

from __future__ import annotations

import os
import sys
import time
import traceback
from collections.abc import Callable

import pytest
from conftest import access, configuration, hs256
from issuer import Issuer

import bearerd

pytestmark = pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")


def in_child(work: Callable[[], None], meanwhile: Callable[[], None] = lambda: None) -> None:
    """Runs `work` in a forked child, which must succeed, and `meanwhile` here."""
    child = os.fork()
    if child == 0:
        try:
            work()
        except BaseException:
            traceback.print_exc()
            sys.stderr.flush()
            os._exit(1)
        os._exit(0)
    meanwhile()
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0


def test_hits_misses_and_revocations(verifier: bearerd.Verifier) -> None:
    hot, new = hs256(access(jti="j1")), hs256(access(n=2))
    claims = verifier.verify(hot)

    def work() -> None:
        assert verifier.verify(hot) is claims
        assert verifier.verify(new)["n"] == 2 and verifier.verify(new) is verifier.verify(new)
        verifier.revoke_handle("j1")
        with pytest.raises(bearerd.RevokedTokenError):
            verifier.verify(hot)
        fresh = verifier.sign({"sub": "bob"})
        assert verifier.verify(fresh)["sub"] == "bob"
        assert bearerd.Verifier(configuration()).verify(hot)["sub"] == "ada"

    for _ in range(3):
        in_child(work)
    assert verifier.verify(hot) is claims


def test_a_rotated_key_is_fetched_in_the_child() -> None:
    issuer = Issuer()
    issuer.add_key("k1")
    issuer.add_key("k2")
    issuer.published = ["k1"]
    verifier = bearerd.Verifier(
        {"profiles": {"api": {"algorithms": ["RS256"], "jwks": {"url": issuer.url, "unknown_kid_cooldown": "1s"}}}}
    )
    one, two = issuer.token("k1"), issuer.token("k2")
    assert accepted_within(verifier, one, 10)
    # The child's first fetch begins as soon as the child does: the key goes only when its token
    # has been verified there.
    receive, send = os.pipe()

    def work() -> None:
        assert verifier.verify(one)["sub"] == "ada"
        os.write(send, b"!")
        exchanged(verifier, one, two)

    def rotate() -> None:
        os.close(send)
        os.read(receive, 1)
        os.close(receive)
        issuer.published = ["k2"]

    in_child(work, rotate)
    exchanged(verifier, one, two)
    issuer.close()


def exchanged(verifier: bearerd.Verifier, old: str, new: str) -> None:
    assert accepted_within(verifier, new, 10)
    with pytest.raises(bearerd.UnknownKeyError):
        verifier.verify(old)


def accepted_within(verifier: bearerd.Verifier, token: str, seconds: float) -> bool:
    """Keys arrive on a thread of the library's own."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            verifier.verify(token)
            return True
        except (bearerd.UnknownKeyError, bearerd.KeysUnavailableError):
            time.sleep(0.01)
    return False
