"""The interpreter's lock: kept on a hit, released on a miss. And many threads at once."""

from __future__ import annotations

import _thread
import random
import sys
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from conftest import access, configuration, hs256

import bearerd


@pytest.fixture
def only_voluntary_switches() -> Iterator[None]:
    """A thread that waits for the lock gets it only where the holder lets go of it by itself."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1000)
    yield
    sys.setswitchinterval(before)


def others_ran_during(call: Callable[[], object], times: int) -> bool:
    ran: list[bool] = []
    _thread.start_new_thread(ran.append, (True,))
    for _ in range(times):
        call()
        if ran:
            break
    seen = bool(ran)
    while not ran:
        time.sleep(0)
    return seen


@pytest.mark.usefixtures("only_voluntary_switches")
def test_a_hit_keeps_the_lock(verifier: bearerd.Verifier) -> None:
    token = hs256(access())
    value, headers = "Bearer " + token, [(b"authorization", b"Bearer " + token.encode())]
    verifier.verify(token)
    for call in (
        lambda: verifier.verify(token),
        lambda: verifier.verify(token, guard="orders", device="d1"),
        lambda: verifier.verify_authorization(value),
        lambda: verifier.verify_headers(headers),
        lambda: verifier.verify_many([token, token]),
    ):
        assert not others_ran_during(call, 200_000)


@pytest.mark.usefixtures("only_voluntary_switches")
def test_a_miss_releases_the_lock() -> None:
    cold = bearerd.Verifier(configuration(cache={"max_entries": 0}))
    token = hs256(access())
    value = "Bearer " + token
    for call in (
        lambda: cold.verify(token),
        lambda: cold.verify_authorization(value),
        lambda: cold.verify_headers([("authorization", value)]),
        lambda: cold.verify_many([token]),
    ):
        assert others_ran_during(call, 2_000_000)


def test_many_threads_one_verifier() -> None:
    verifier = bearerd.Verifier(configuration(cache={"max_entries": 64}))
    tokens = [hs256(access(n=n)) for n in range(300)]
    forged = [token[:-6] + "AAAAAA" for token in tokens]
    wrong: list[object] = []
    stop = threading.Event()

    def work(seed: int) -> None:
        order = random.Random(seed)
        try:
            while not stop.is_set():
                n = order.randrange(300)
                if verifier.verify(tokens[n])["n"] != n:
                    wrong.append(n)
                if [claims["n"] for claims in verifier.verify_many(tokens[n : n + 5])] != list(
                    range(n, min(n + 5, 300))
                ):  # type: ignore[index]
                    wrong.append(n)
                try:
                    verifier.verify(forged[n], guard="orders")
                    wrong.append(n)
                except bearerd.InvalidSignatureError:
                    pass
        except BaseException as error:
            wrong.append(error)
            raise

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        threads = [threading.Thread(target=work, args=(seed,)) for seed in range(8)]
        for thread in threads:
            thread.start()
        time.sleep(3)
        stop.set()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(before)
    assert not wrong
    assert verifier.stats()["evicted"] > 0
