"""The cases that all languages replay."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import bearerd

CASES = Path(__file__).parents[3] / "tests" / "vectors" / "cases.json"
DOCUMENT = json.loads(CASES.read_text(encoding="utf-8"))

Call = Callable[[], Any]

VERIFY = frozenset({"token", "profile", "guard", "audience", "device"})
#: The steps, and the members that each may have
STEPS = {
    "verify": VERIFY,
    "authorization": VERIFY - {"token"} | {"value"},
    "revoke": {"token", "handle", "subject", "issued_before"},
    "sign_in": {"subject", "kind", "attributes", "claims", "profile"},
    "end_session": {"sid", "subject", "except", "profile"},
    "change_session": {"sid", "subject", "set", "remove", "profile"},
    "create_pat": {"subject", "description", "scopes", "claims", "ttl", "profile"},
    "revoke_pat": {"id", "token", "subject", "profile"},
    "sign": {"kind", "claims", "profile"},
    "rotate": {"refresh", "set", "remove", "profile"},
}
BESIDE = {"code", "claims", "claims_have", "context", "count", "as"}


def first_of_many(verifier: bearerd.Verifier, token: str, given: dict[str, Any]) -> Any:
    [answer] = verifier.verify_many([token], **given)
    if isinstance(answer, bearerd.BearerError):
        raise answer
    return answer


def verification(verifier: bearerd.Verifier, what: str, asked: dict[str, Any]) -> Iterator[tuple[str, Call]]:
    """Every way of asking. The first answer comes from the signature, the others from the cache."""
    given = dict(asked)
    text = given.pop("token" if what == "verify" else "value")

    def options() -> dict[str, Any]:
        # A guard that is no valid rule is refused by what makes it.
        rule = given.get("guard")
        return {**given, "guard": bearerd.Guard(rule)} if isinstance(rule, dict) else given

    if what == "verify":
        yield "verify", lambda: verifier.verify(text, **options())
        yield "verify again", lambda: verifier.verify(text, **options())
        yield "verify bytes", lambda: verifier.verify(text.encode(), **options())
        yield "verify_many", lambda: first_of_many(verifier, text, options())
    else:
        yield "authorization", lambda: verifier.verify_authorization(text, **options())
        yield "authorization again", lambda: verifier.verify_authorization(text, **options())
        yield "authorization bytes", lambda: verifier.verify_authorization(text.encode(), **options())


def act(verifier: bearerd.Verifier, what: str, asked: dict[str, Any]) -> Any:
    """A step that is no verification: its answer, a number where it counts."""
    given = dict(asked)
    whose = next((name for name in ("sid", "id", "token", "handle", "subject") if name in given), "")
    whom = given.pop(whose, None)
    match what, whose:
        case "revoke", _:
            return getattr(verifier, f"revoke_{whose}")(whom, **given)
        case "sign_in", _:
            return verifier.sign_in(whom, **given)
        case "end_session", "sid":
            return int(verifier.end_session(whom, **given))
        case "end_session", _:
            if "except" in given:
                given["except_sid"] = given.pop("except")
            return verifier.end_sessions(whom, **given)
        case "change_session", "sid":
            return int(verifier.change_session(whom, **given) is not None)
        case "change_session", _:
            return len(verifier.change_sessions(whom, **given))
        case "create_pat", _:
            return verifier.create_pat(whom, **given)
        case "revoke_pat", "id":
            return int(verifier.revoke_pat(whom, **given))
        case "revoke_pat", "token":
            return int(verifier.revoke_pat_token(whom, **given))
        case "revoke_pat", _:
            return verifier.revoke_pats(whom, **given)
        case "sign", _:
            return {given["kind"]: verifier.sign(given.pop("claims"), **given)}
        case "rotate", _:
            return verifier.rotate(given.pop("refresh"), **given)
    raise AssertionError(f"{what}: not known")


def outcome(call: Call) -> tuple[str, Any]:
    try:
        return "OK", call()
    except bearerd.BearerError as error:
        return error.code, None


def filled(value: Any, kept: dict[str, str], found: Any = None) -> Any:
    """With what was kept in the place of each "$", and what was found in that of each "$ahead" that it
    satisfies."""
    if isinstance(value, list):
        return [filled(item, kept, found[at] if nth(found, at) else None) for at, item in enumerate(value)]
    if not isinstance(value, dict):
        return value
    if "$" in value:
        assert value.keys() <= {"$", "before", "after"}
        return value.get("before", "") + kept[value["$"]] + value.get("after", "")
    if "$ahead" in value:
        assert value.keys() == {"$ahead"}
        now = int(time.time())
        return found if type(found) is int and now < found <= now + value["$ahead"] else value
    inside = found if isinstance(found, dict) else {}
    return {name: filled(item, kept, inside.get(name)) for name, item in value.items()}


def nth(found: Any, at: int) -> bool:
    return isinstance(found, list) and at < len(found)


def text_of(value: Any) -> str:
    """To compare by: to Python, 1 equals True."""
    return json.dumps(value, sort_keys=True)


def check_answer(step: dict[str, Any], claims: bearerd.Claims, kept: dict[str, str], where: str) -> None:
    found = claims.to_dict()
    if "claims" in step:
        assert found == step["claims"] and text_of(found) == text_of(step["claims"]), where
    if "claims_have" in step:
        expected = filled(step["claims_have"], kept, found)
        assert text_of({name: found.get(name) for name in expected}) == text_of(expected), where
        assert expected.keys() <= found.keys(), where
    if "context" in step:
        context = None if claims.context is None else claims.context.to_dict()
        assert text_of(context) == text_of(filled(step["context"], kept, context)), where


def replay(verifier: bearerd.Verifier, step: dict[str, Any], kept: dict[str, str], where: str) -> None:
    [what] = step.keys() - BESIDE
    assert step[what].keys() <= STEPS[what], where
    asked = filled(step[what], kept)
    if what in ("verify", "authorization"):
        assert step.keys().isdisjoint({"count", "as"}), where
        for way, call in verification(verifier, what, asked):
            code, answer = outcome(call)
            assert code == step["code"], f"{where}, {way}"
            if code == "OK":
                check_answer(step, answer, kept, f"{where}, {way}")
        return
    assert step.keys().isdisjoint({"claims", "claims_have", "context"}), where
    code, answer = outcome(lambda: act(verifier, what, asked))
    assert code == step["code"], where
    if "count" in step:
        assert type(answer) is int and answer == step["count"], where
    for member, name in step.get("as", {}).items():
        assert isinstance(answer[member], str) and name not in kept, where
        kept[name] = answer[member]


def test_there_are_cases() -> None:
    stateful = [case for case in DOCUMENT["cases"] if case.get("state")]
    assert len(DOCUMENT["cases"]) >= 400
    assert len(stateful) >= 40
    assert all(case["steps"] for case in DOCUMENT["cases"])
    assert {what for case in DOCUMENT["cases"] for step in case["steps"] for what in step} == STEPS.keys() | BESIDE


@pytest.mark.parametrize("case", DOCUMENT["cases"], ids=lambda case: case["name"])
def test_case(case: dict[str, Any]) -> None:
    assert case.keys() <= {"name", "configuration", "steps", "state", "http", "why"}
    verifier = bearerd.Verifier(DOCUMENT["configurations"][case["configuration"]])
    kept: dict[str, str] = {}
    for number, step in enumerate(case["steps"]):
        replay(verifier, step, kept, f"step {number}")
