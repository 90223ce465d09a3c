"""The cases that all languages replay."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import bearerd

CASES = Path(__file__).parents[3] / "tests" / "vectors" / "cases.json"
DOCUMENT = json.loads(CASES.read_text(encoding="utf-8"))
# Those with state are not read here yet.
STATELESS = [case for case in DOCUMENT["cases"] if not case.get("state")]

Call = Callable[[], Any]


def options(asked: dict[str, Any]) -> dict[str, Any]:
    given = {name: value for name, value in asked.items() if name not in ("token", "value")}
    if isinstance(given.get("guard"), dict):
        given["guard"] = bearerd.Guard(given["guard"])
    return given


def first_of_many(verifier: bearerd.Verifier, token: str, given: dict[str, Any]) -> Any:
    [answer] = verifier.verify_many([token], **given)
    if isinstance(answer, bearerd.BearerError):
        raise answer
    return answer


def calls(verifier: bearerd.Verifier, step: dict[str, Any]) -> Iterator[tuple[str, Call]]:
    """Every way of asking. The first answer comes from the signature, the others from the cache."""
    if "verify" in step:
        asked = step["verify"]
        token = asked["token"]
        yield "verify", lambda: verifier.verify(token, **options(asked))
        yield "verify again", lambda: verifier.verify(token, **options(asked))
        yield "verify bytes", lambda: verifier.verify(token.encode(), **options(asked))
        yield "verify_many", lambda: first_of_many(verifier, token, options(asked))
    elif "authorization" in step:
        asked = step["authorization"]
        value = asked["value"]
        yield "authorization", lambda: verifier.verify_authorization(value, **options(asked))
        yield "authorization again", lambda: verifier.verify_authorization(value, **options(asked))
        yield "authorization bytes", lambda: verifier.verify_authorization(value.encode(), **options(asked))
    else:
        asked = step["revoke"]
        [what] = asked.keys() - {"issued_before"}
        others = {name: value for name, value in asked.items() if name != what}
        yield "revoke", lambda: getattr(verifier, f"revoke_{what}")(asked[what], **others)


def outcome(call: Call) -> tuple[str, Any]:
    try:
        return "OK", call()
    except bearerd.BearerError as error:
        return error.code, None


def test_there_are_cases() -> None:
    assert len(STATELESS) > 200


@pytest.mark.parametrize("case", STATELESS, ids=lambda case: case["name"])
def test_case(case: dict[str, Any]) -> None:
    verifier = bearerd.Verifier(DOCUMENT["configurations"][case["configuration"]])
    for number, step in enumerate(case["steps"]):
        for way, call in calls(verifier, step):
            code, answer = outcome(call)
            assert code == step["code"], f"step {number}, {way}"
            if "claims" in step:
                assert answer.to_dict() == step["claims"], f"step {number}, {way}"
