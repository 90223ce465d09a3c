"""Claims are one object for all who present the token: nobody can change it."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pytest
from conftest import access, configuration, hs256

import bearerd

NESTED = {"list": ["a", {"deep": [1, 2]}], "object": {"inner": {"x": None}}, "empty": [[], {}]}


@pytest.fixture
def claims(verifier: bearerd.Verifier) -> bearerd.Claims:
    return verifier.verify(hs256(access(**NESTED)))


def test_is_a_mapping(claims: bearerd.Claims) -> None:
    assert isinstance(claims, Mapping)
    assert claims["sub"] == "ada" and claims.get("sub") == "ada"
    assert claims.get("absent") is None and claims.get("absent", 7) == 7
    assert "sub" in claims and "absent" not in claims
    assert len(claims) == len(list(claims)) == len(claims.keys()) == len(claims.values()) == len(claims.items())
    assert dict(claims)["roleId"] == 4 and {**claims}["roleId"] == 4
    with pytest.raises(KeyError, match="absent"):
        claims["absent"]
    match claims:
        case {"sub": subject}:
            assert subject == "ada"
        case _:
            pytest.fail("no mapping pattern")


def test_cannot_be_changed(claims: Any) -> None:
    with pytest.raises(TypeError):
        claims["sub"] = "eve"
    with pytest.raises(TypeError):
        del claims["sub"]
    with pytest.raises(AttributeError):
        claims.sub = "eve"
    for mutator in ("update", "pop", "popitem", "clear", "setdefault", "__setitem__", "__ior__"):
        assert not hasattr(claims, mutator)
    with pytest.raises(TypeError):
        dict.__setitem__(claims, "sub", "eve")
    with pytest.raises(TypeError):
        claims |= {"sub": "eve"}
    # The well-known idiom would write attributes into a shared dict.
    with pytest.raises(TypeError):
        type("User", (), {})().__dict__ = claims
    with pytest.raises(TypeError):
        exec("sub = 'eve'", claims)
    with pytest.raises(TypeError):
        claims.keys().mapping["sub"] = "eve"
    with pytest.raises(TypeError):
        type("Mine", (bearerd.Claims,), {})
    with pytest.raises(TypeError):
        bearerd.Claims()
    assert claims["sub"] == "ada"


def test_nothing_inside_can_be_changed(claims: Any) -> None:
    def frozen(value: object) -> None:
        assert isinstance(value, str | int | float | bool | None | tuple | bearerd.Claims), type(value)
        if isinstance(value, tuple):
            assert type(value) is tuple
            for item in value:
                frozen(item)
        if isinstance(value, bearerd.Claims):
            for item in value.values():
                frozen(item)

    frozen(claims)
    assert claims["list"] == ("a", {"deep": (1, 2)})


class Thief:
    def __eq__(self, other: Any) -> bool:
        if isinstance(other, dict):
            other["sub"] = "eve"
        return False


class ThievingDict(dict[str, Any]):
    def __eq__(self, other: Any) -> bool:
        if isinstance(other, dict):
            other["sub"] = "eve"
        return False


def test_comparison_hands_out_nothing_to_change(claims: Any) -> None:
    assert claims != Thief() and Thief() != claims
    assert claims != ThievingDict() and ThievingDict() != claims
    assert claims["sub"] == "ada"


def test_equality(verifier: bearerd.Verifier, claims: Any) -> None:
    document = access(**NESTED, exp=claims["exp"])
    assert claims == document and document == claims
    assert not claims != document
    assert claims == MappingProxyType(document)
    assert claims == verifier.verify(hs256(document))
    assert claims != {**document, "sub": "eve"}
    assert claims != {**document, "list": ["a"]}
    assert claims != 7 and claims != None  # noqa: E711
    with pytest.raises(TypeError):
        hash(claims)
    with pytest.raises(TypeError):
        claims < claims  # noqa: B015


def test_copies(claims: Any) -> None:
    mine = claims.to_dict()
    assert mine == access(**NESTED, exp=claims["exp"])
    mine["list"][1]["deep"].append(3)
    mine["sub"] = "eve"
    assert claims["sub"] == "ada" and claims["list"][1]["deep"] == (1, 2)
    assert json.loads(json.dumps(claims.to_dict())) == claims
    assert copy.copy(claims) is claims and copy.deepcopy(claims) is claims
    with pytest.raises(TypeError, match="pickle"):
        pickle.dumps(claims)


def test_repr(verifier: bearerd.Verifier) -> None:
    assert repr(verifier.verify(hs256({"sub": "ada", "exp": 9_000_000_000}), kind="any")).startswith(
        "Claims({'sub': 'ada'"
    )


VALUES: list[tuple[str, object]] = [
    ("0", 0),
    ("-0", 0),
    ("-7", -7),
    ("999999999999999999", 999999999999999999),
    ("9223372036854775807", 2**63 - 1),
    ("-9223372036854775808", -(2**63)),
    ("18446744073709551616", 2**64),
    ("1" + "0" * 308, 10**308),
    ("1.5", 1.5),
    ("-0.0", -0.0),
    ("1e9", 1e9),
    ("1E+2", 100.0),
    ("2.5e-3", 0.0025),
    ("0." + "1" * 400, float("0." + "1" * 400)),
    ("true", True),
    ("false", False),
    ("null", None),
    ('""', ""),
    ('"a\\u0062\\n\\t\\r\\b\\f\\/\\\\\\""', 'ab\n\t\r\b\f/\\"'),
    ('"\\u0141\\u20ac\\ud83d\\ude00"', "\u0141\u20ac\U0001f600"),
    ('"\u0141\u20ac\U0001f600"', "\u0141\u20ac\U0001f600"),
    ('"\\u0000"', "\0"),
    ("[]", ()),
    ("{}", {}),
    ('[ 1 , [ 2 ] , { "a" : 3 } ]', (1, (2,), {"a": 3})),
]


@pytest.mark.parametrize(("text", "expected"), VALUES, ids=[text[:20] for text, _ in VALUES])
def test_values_are_those_of_json(verifier: bearerd.Verifier, text: str, expected: object) -> None:
    payload = (
        f' {{ "exp" : 9000000000 ,\n\t"k\\u0141\u0142" : 1, "x":{text} , "a name of more than twenty-four bytes": 2 }} '
    )
    claims = verifier.verify(hs256(payload.encode()), kind="any")
    assert claims["x"] == expected and type(claims["x"]) in (type(expected), bearerd.Claims)
    assert repr(claims.to_dict()["x"]) == repr(json.loads(text))
    assert claims["k\u0141\u0142"] == 1 and claims["a name of more than twenty-four bytes"] == 2


def test_deep_claims() -> None:
    deep = bearerd.Verifier(configuration(limits={"depth": 64}))
    value: Any = 1
    for _ in range(62):
        value = [value]
    claims = deep.verify(hs256(access(deep=value)))
    assert claims.to_dict()["deep"] == value
