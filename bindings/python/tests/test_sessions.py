"""Sessions and personal access tokens, alone and with another verifier on the same file."""

import asyncio
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import bearerd

SECRET = "vRQJ8mTn0cWf5yB2xKqZ7hLpSd3gUeA1"


def document(**more: Any) -> dict[str, Any]:
    profile = {
        "algorithms": ["HS256"],
        "keys": [{"secret": SECRET}],
        "claims": {"kind": {"claim": "tokenType"}, "role": "roleId"},
        "sign": {},
        "rotation": {},
        "sessions": {},
        "pat": {"prefix": "acme_pat_"},
    }
    return {"profiles": {"api": profile}, **more}


@pytest.fixture
def verifier() -> bearerd.Verifier:
    return bearerd.Verifier(document())


def comes(ask: Callable[[], bool]) -> None:
    """Another process takes its time."""
    end = time.monotonic() + 20
    while not ask():
        assert time.monotonic() < end, "it does not come"


def code_of(verifier: bearerd.Verifier, token: str) -> str:
    try:
        verifier.verify(token)
    except bearerd.BearerError as error:
        return error.code
    return "OK"


def test_a_sign_in_gives_what_was_asked_for(verifier: bearerd.Verifier) -> None:
    none = verifier.sign_in("ada")
    assert sorted(none) == ["expires_at", "sid"]
    access = verifier.sign_in("ada", kind="access", ttl=60, lifetime="1h", claims={"roleId": 4})
    claims = verifier.verify(access["access"])
    assert claims["sid"] == access["sid"]
    assert claims["exp"] - claims["iat"] == 60
    assert claims.session is not None
    assert claims.session["expires_at"] - claims.session["created_at"] == 3600
    pair = verifier.sign_in("ada", kind="pair")
    assert verifier.verify(verifier.rotate(pair["refresh"])["access"])["sid"] == pair["sid"]
    assert [each["sid"] for each in verifier.list_sessions("ada")] == [none["sid"], access["sid"], pair["sid"]]


def test_a_changed_attribute_comes_with_a_cached_token(verifier: bearerd.Verifier) -> None:
    opened = verifier.sign_in("ada", kind="access", attributes={"position": "clerk", "modules": ["hr"]})
    claims = verifier.verify(opened["access"])
    before = claims.session
    assert before is not None
    assert before["attributes"] == {"position": "clerk", "modules": ["hr"]}
    assert verifier.verify(opened["access"]).session is before, "the same object while it says the same"
    changed = verifier.change_session(opened["sid"], set={"position": "lead"}, remove=["modules"])
    assert changed is not None
    assert changed["attributes"] == {"position": "lead"}
    assert verifier.verify(opened["access"]) is claims, "the claims stay"
    assert claims.session is not None
    assert claims.session["attributes"] == {"position": "lead"}
    verifier.change_sessions("ada", set={"floor": 2})
    assert verifier.verify(opened["access"]).session is claims.session
    assert claims.session["attributes"] == {"position": "lead", "floor": 2}
    assert verifier.get_session(opened["sid"]) == claims.session.to_dict()
    assert before["attributes"]["position"] == "clerk"


def test_an_ended_session_is_refused(verifier: bearerd.Verifier) -> None:
    one, two = (verifier.sign_in("ada", kind="access") for _ in range(2))
    assert [code_of(verifier, each["access"]) for each in (one, two)] == ["OK", "OK"]
    assert verifier.end_sessions("ada", except_sid=two["sid"]) == 1
    assert code_of(verifier, one["access"]) == "SESSION_ENDED"
    with pytest.raises(bearerd.SessionEndedError):
        verifier.verify_headers([("Authorization", f"Bearer {one['access']}")])
    assert code_of(verifier, two["access"]) == "OK"
    assert verifier.end_session(two["sid"]) is True
    assert verifier.end_session(two["sid"]) is False
    assert verifier.get_session(two["sid"]) is None
    assert verifier.change_session(two["sid"], set={"a": 1}) is None


def test_personal_access_tokens(verifier: bearerd.Verifier) -> None:
    made = verifier.create_pat("ada", description="laptop", scopes=["read:orders"], claims={"roleId": 4}, ttl="1h")
    assert re.fullmatch(r"acme_pat_[0-9A-Za-z]{49}", made["token"])
    claims = verifier.verify(made["token"], guard=bearerd.Guard({"scopes": ["read:orders"]}))
    assert (claims["jti"], claims["exp"], claims.session) == (made["id"], made["expires_at"], None)
    assert verifier.verify(made["token"], kind="pat") is claims
    with pytest.raises(bearerd.WrongTokenKindError):
        verifier.verify(made["token"], kind="access")
    page = verifier.list_pats("ada")
    assert page["next"] is None
    assert [(each["id"], each["description"], each["claims"]) for each in page["pats"]] == [
        (made["id"], "laptop", {"roleId": 4})
    ]
    assert verifier.revoke_pat(made["id"]) is True
    assert code_of(verifier, made["token"]) == "REVOKED"
    assert verifier.revoke_pat(made["id"]) is False
    assert verifier.revoke_pat_token(verifier.create_pat("ada")["token"]) is True
    verifier.create_pat("ada")
    assert verifier.revoke_pats("ada") == 1
    assert verifier.list_pats("ada") == {"pats": [], "next": None}


def test_two_verifiers_on_one_file(tmp_path: Path) -> None:
    state = document(state=f"sqlite:{tmp_path / 'state.db'}")
    one, two = bearerd.Verifier(state), bearerd.Verifier(state)
    opened = one.sign_in("ada", kind="access", attributes={"floor": 1})
    pat = one.create_pat("ada")
    claims = two.verify(opened["access"])
    assert code_of(two, pat["token"]) == "OK"
    one.change_session(opened["sid"], set={"floor": 2})

    def says(floor: int) -> bool:
        again = two.verify(opened["access"])
        assert again is claims
        assert again.session is not None
        return bool(again.session["attributes"]["floor"] == floor)

    comes(lambda: says(2))
    one.end_session(opened["sid"])
    comes(lambda: code_of(two, opened["access"]) == "SESSION_ENDED")
    two.revoke_pat(pat["id"])
    comes(lambda: code_of(one, pat["token"]) == "REVOKED")


def test_a_look_up_never_waits(verifier: bearerd.Verifier) -> None:
    access = verifier.sign_in("ada", kind="access")["access"]
    headers = [("Authorization", f"Bearer {access}")]
    assert verifier.lookup_headers(headers) is None
    claims = verifier.verify_headers(headers)
    assert verifier.lookup_headers(headers) is claims
    with pytest.raises(bearerd.MissingTokenError):
        verifier.lookup_headers([])
    pat = [("Authorization", f"Bearer {verifier.create_pat('ada')['token']}")]
    assert verifier.lookup_headers(pat) is None


def test_asgi_and_the_session_of_a_request(verifier: bearerd.Verifier) -> None:
    from bearerd.asgi import BearerMiddleware

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope["bearerd.claims"].session["attributes"])

    async def ask(token: str) -> list[Any]:
        sent: list[Any] = []

        async def send(message: Any) -> None:
            sent.append(message)

        headers = [(b"authorization", b"Bearer " + token.encode())]
        await guarded({"type": "http", "path": "/", "headers": headers}, None, send)
        return sent

    seen: list[Any] = []
    guarded = BearerMiddleware(app, verifier)
    opened = verifier.sign_in("ada", kind="access", attributes={"floor": 1})
    assert asyncio.run(ask(opened["access"])) == []
    verifier.change_session(opened["sid"], set={"floor": 2})
    assert asyncio.run(ask(opened["access"])) == []
    assert seen == [{"floor": 1}, {"floor": 2}]
    verifier.end_session(opened["sid"])
    assert asyncio.run(ask(opened["access"]))[0]["status"] == 401


def test_what_is_wrong_is_refused(verifier: bearerd.Verifier) -> None:
    plain = bearerd.Verifier({"profiles": {"api": {"algorithms": ["HS256"], "keys": [{"secret": SECRET}], "sign": {}}}})
    assert plain.verify(plain.sign({"sub": "ada"})).session is None
    nested = verifier.verify(verifier.sign_in("ada", kind="access", claims={"a": {"b": 1}})["access"])["a"]
    assert nested.session is None
    wrong: list[tuple[type[Exception], Callable[[], Any]]] = [
        (TypeError, lambda: verifier.sign_in(7)),  # type: ignore[arg-type]
        (TypeError, lambda: verifier.sign_in("ada", kind=1)),  # type: ignore[call-overload, arg-type]
        (ValueError, lambda: verifier.sign_in("ada", kind="refresh")),  # type: ignore[arg-type]
        (TypeError, lambda: verifier.sign_in("ada", attribute={})),  # type: ignore[call-arg]
        (ValueError, lambda: verifier.sign_in("ada", ttl="")),
        (ValueError, lambda: verifier.end_sessions("ada", except_sid="")),
        (bearerd.ValidationError, lambda: verifier.sign_in("")),
        (bearerd.ValidationError, lambda: verifier.sign_in("ada", lifetime="none")),
        (bearerd.ValidationError, lambda: verifier.sign_in("ada", profile="nobody")),
        (bearerd.ValidationError, lambda: verifier.sign_in("ada", kind="access", claims={"sid": "mine"})),
        (bearerd.ValidationError, lambda: verifier.end_session("x")),
        (bearerd.ValidationError, lambda: verifier.list_sessions("")),
        (bearerd.ValidationError, lambda: verifier.create_pat("ada", scopes=["a b"])),
        (bearerd.ValidationError, lambda: verifier.revoke_pat("x")),
        (bearerd.ValidationError, lambda: verifier.list_pats("ada", after="x")),
        (bearerd.ValidationError, lambda: plain.sign_in("ada")),
        (bearerd.ValidationError, lambda: plain.create_pat("ada")),
    ]
    for expected, call in wrong:
        with pytest.raises(expected):
            call()
    assert [each["subject"] for each in verifier.list_sessions("ada")] == ["ada"]


def test_the_example_of_the_readme(tmp_path: Path) -> None:
    readme = (Path(__file__).parent.parent / "README.md").read_text()
    found = re.search(r"## Sessions and.*?```python\n(.*?)```", readme, re.S)
    assert found is not None
    example = found[1].replace("/tmp/", f"{tmp_path}/")
    done = subprocess.run([sys.executable, "-"], input=example, capture_output=True, text=True, check=False)
    assert done.stdout == "clerk\nlead\nSESSION_ENDED\nread:orders\nREVOKED\n", done.stderr
