"""Nothing is lost or kept: blocks, references and memory stay where they are."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import itertools
import sys
from collections.abc import Callable
from typing import Any

import pytest
from conftest import access, configuration, hs256

import bearerd

TOKEN = hs256(access(o={"p": [1, {"q": 1.5}]}, text="\u0141\n"))
FORGED = TOKEN[:-6] + "AAAAAA"
HEADERS = [("authorization", "Bearer " + TOKEN)]


class Mallinfo(ctypes.Structure):
    """struct mallinfo2 of glibc."""

    _fields_ = [
        (name, ctypes.c_size_t)
        for name in "arena ordblks smblks hblks hblkhd usmblks fsmblks uordblks fordblks keepcost".split()
    ]


mallinfo = ctypes.CDLL(None).mallinfo2
mallinfo.restype = Mallinfo


def allocated() -> int:
    """Bytes that malloc has handed out: what the library and Python's larger objects hold. Resident
    memory would hide a leak in what was freed before."""
    info = mallinfo()
    return int(info.uordblks + info.hblkhd)


def refuse(call: Callable[..., object], *args: Any, **kwargs: Any) -> None:
    with contextlib.suppress(bearerd.BearerError, TypeError, ValueError):
        call(*args, **kwargs)
        pytest.fail("not refused")


def calls() -> dict[str, Callable[[], object]]:
    hot = bearerd.Verifier(configuration())
    cold = bearerd.Verifier(configuration(cache={"max_entries": 0}, rotation={"reuse": "stateless"}))
    claims = hot.verify(TOKEN)
    guard = bearerd.Guard({"roles": [9]})
    document = configuration()
    refresh = cold.sign_pair({"sub": "ada"})["refresh"]
    live = bearerd.Verifier(configuration(sessions={}))
    opened = live.sign_in("ada", kind="access")
    held = live.verify(opened["access"])
    paths = {"/": {"public": True}, "/a": {"token": True}, "/b": {"guard": "orders"}}
    routed = bearerd.Verifier({**configuration(), "routes": [{"path": path, **what} for path, what in paths.items()]})
    return {
        "hit": lambda: hot.verify(TOKEN),
        "hit with options": lambda: hot.verify(TOKEN, guard="orders", device="d1", kind="access", profile="api"),
        "fresh hit": lambda: hot.verify(HEADERS[0][1][7:]),
        "miss": lambda: cold.verify(TOKEN),
        "forged": lambda: refuse(hot.verify, FORGED),
        "forbidden": lambda: refuse(hot.verify, TOKEN, guard=guard),
        "surrogate": lambda: refuse(hot.verify, "\ud800"),
        "wide": lambda: refuse(hot.verify, TOKEN + chr(0x141)),
        "wrong type": lambda: refuse(hot.verify, 7),
        "wrong option": lambda: refuse(hot.verify, TOKEN, gaurd=guard),
        "empty option": lambda: refuse(hot.verify, TOKEN, audience=""),
        "unknown guard": lambda: refuse(hot.verify, TOKEN, guard="absent"),
        "authorization": lambda: hot.verify_authorization("Bearer " + TOKEN),
        "cold authorization": lambda: cold.verify_authorization("Bearer " + TOKEN),
        "no authorization": lambda: refuse(hot.verify_authorization, None),
        "headers": lambda: hot.verify_headers(HEADERS),
        "cold headers": lambda: cold.verify_headers(list(map(list, HEADERS))),  # type: ignore[arg-type]
        "wrong headers": lambda: refuse(hot.verify_headers, [("a", "b"), ("c",)]),
        "many": lambda: hot.verify_many([TOKEN, FORGED, "x", "\ud800"]),
        "cold many": lambda: cold.verify_many([TOKEN, FORGED, TOKEN]),
        "wrong many": lambda: refuse(cold.verify_many, [TOKEN, 7]),
        "explain": lambda: hot.explain(FORGED),
        "sign": lambda: cold.sign({"sub": "ada", "o": claims}, ttl=60),
        "sign refused": lambda: refuse(cold.sign, {"exp": 1}),
        "pair": lambda: cold.sign_pair({"sub": "ada"}),
        "rotate": lambda: cold.rotate(refresh, set={"a": 1}, remove=["b"], ttl="1m"),
        "rotate refused": lambda: refuse(cold.rotate, refresh, set="{"),
        "revoke": lambda: hot.revoke_handle("j9"),
        "describe": lambda: (hot.describe(), hot.stats(), hot.jwks()),
        "guard": lambda: bearerd.Guard({"all": [{"roles": [1, "a"]}]}),
        "guard refused": lambda: refuse(bearerd.Guard, {"roles": []}),
        "verifier": lambda: bearerd.Verifier(document).verify(TOKEN),
        "verifier refused": lambda: refuse(bearerd.Verifier, "{"),
        "claims": lambda: (
            claims == claims.to_dict(),
            claims.get("sub"),
            claims["o"]["p"],
            list(claims),
            claims.items(),
            repr(claims),
        ),
        "no claim": lambda: claims.get("absent"),
        "route": lambda: [routed.route("GET", target) for target in ("/", "/a", "/b?c")],
        "route refused": lambda: refuse(routed.route, "GET", "//"),
        "cold context": lambda: cold.verify(TOKEN).context,
        "context": lambda: (held.context, held.session, claims.context),
    }


NAMES = list(calls())


def growth(call: Callable[[], object], times: int) -> tuple[int, int, list[int]]:
    """Blocks, bytes and references in the round that grew least: a leak grows in each of them, while
    an allocator's caches fill in one or two."""
    rounds = []
    watched = (TOKEN, bearerd.Claims, bearerd.Guard, bearerd.DecodeError)
    for _ in range(5):
        before = [sys.getrefcount(object_) for object_ in watched]
        blocks, memory = sys.getallocatedblocks(), allocated()
        for _ in range(times):
            call()
        gc.collect()
        after = [sys.getrefcount(object_) for object_ in watched]
        references = [new - old for new, old in zip(after, before, strict=True)]
        rounds.append((sys.getallocatedblocks() - blocks, allocated() - memory, references))
    blocks_, memory_, references_ = zip(*rounds, strict=True)
    return min(blocks_), min(memory_), [min(column) for column in zip(*references_, strict=True)]


@pytest.mark.parametrize("name", NAMES)
def test_flat(name: str) -> None:
    call = calls()[name]
    times = 200 if name == "verifier" else 2000
    blocks, memory, references = growth(call, times)
    # What is lost in each call is at least one of each.
    assert blocks < times // 2
    assert memory < times
    assert max(references) < times // 2


def test_a_leak_would_be_seen() -> None:
    kept: list[object] = []
    blocks, memory, references = growth(lambda: kept.append([bytearray(600), TOKEN]), 2000)
    assert blocks >= 2000 and references[0] >= 2000 and memory > 2000 * 100


def test_an_older_context_is_let_go() -> None:
    verifier = bearerd.Verifier(configuration(sessions={}))
    opened = verifier.sign_in("ada", kind="access")
    claims = verifier.verify(opened["access"])
    turns = itertools.count()

    def change() -> None:
        verifier.change_session(opened["sid"], set={"turn": next(turns)})
        assert verifier.verify(opened["access"]) is claims
        assert (claims.context or {})["session"]["attributes"] == (claims.session or {})["attributes"]

    # Of Python's blocks alone: the store has a memory of its own.
    assert growth(change, 500)[0] < 250


def churn(verifier: bearerd.Verifier, names: bool) -> Callable[[], object]:
    """Verifies a token that was never there before."""
    count = iter(range(1 << 40))

    def verify() -> None:
        n = next(count)
        # An issuer may put data into names.
        claims = {f"grant-{n}-{i}": 1 for i in range(20)} if names else {"n": n, "pad": "x" * 500}
        verifier.verify(hs256(access(**claims)))

    return verify


@pytest.mark.parametrize("names", [False, True])
def test_memory_is_bounded_by_the_slots(names: bool) -> None:
    call = churn(bearerd.Verifier(configuration(cache={"max_entries": 256})), names)
    for _ in range(1000):
        call()
    blocks, memory, _ = growth(call, 2000)
    assert blocks < 500
    assert memory < 256 << 10
