"""The cases that all languages replay."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import bearerd

CASES = Path(__file__).parents[3] / "tests" / "vectors" / "cases.json"
DOCUMENT = json.loads(CASES.read_text())


def options(step: dict[str, Any], verifier: bearerd.Verifier) -> dict[str, Any]:
    given = {name: step[name] for name in ("profile", "guard", "audience", "device", "kind") if name in step}
    if isinstance(given.get("guard"), dict):
        given["guard"] = bearerd.Guard(given["guard"])
    return given


def run(verifier: bearerd.Verifier, step: dict[str, Any]) -> Any:
    if "verify" in step:
        return verifier.verify(step["verify"]["token"], **options(step["verify"], verifier))
    if "authorization" in step:
        asked = step["authorization"]
        return verifier.verify_authorization(asked["value"], **options(asked, verifier))
    [what] = step["revoke"].keys() - {"issued_before", "profile"}
    others = {name: value for name, value in step["revoke"].items() if name != what}
    return getattr(verifier, f"revoke_{what}")(step["revoke"][what], **others)


def test_there_are_cases() -> None:
    assert len(DOCUMENT["cases"]) > 20


@pytest.mark.parametrize("case", DOCUMENT["cases"], ids=lambda case: case["name"])
def test_case(case: dict[str, Any]) -> None:
    verifier = bearerd.Verifier(DOCUMENT["configurations"][case["configuration"]])
    for number, step in enumerate(case["steps"]):
        assert step.keys() & {"verify", "authorization", "revoke"}, step
        code, answer = "OK", None
        try:
            answer = run(verifier, step)
        except bearerd.BearerError as error:
            code = error.code
        assert code == step["code"], f"step {number}"
        if "claims" in step:
            assert answer.to_dict() == step["claims"], f"step {number}"
