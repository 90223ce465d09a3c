"""What a token comes with beside its claims."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from conftest import SECRET, access, configuration, hs256

import bearerd

SCOPES = {"all": [1], "project": [2]}
BY_CLAIMS = {"grants": "rights", "level": "level", "bypass_levels": [0], "data_scope": SCOPES}


def signs_in(**permissions: Any) -> bearerd.Verifier:
    profile = {
        "algorithms": ["HS256"],
        "keys": [{"secret": SECRET}],
        "claims": {"kind": {"claim": "tokenType"}},
        "sign": {},
        "sessions": {},
        "pat": {"prefix": "acme_pat_"},
        **({"permissions": permissions} if permissions else {}),
    }
    return bearerd.Verifier({"profiles": {"api": profile}})


def of_session() -> bearerd.Verifier:
    return signs_in(**{"from": "session", "grants": "rights", "level": "level", "data_scope": SCOPES})


def permission(data_scope: str | None, *, bypass: bool = False) -> dict[str, Any]:
    return {"data_scope": data_scope, "bypass": bypass}


def context_of(claims: bearerd.Claims) -> Any:
    return claims.context


def test_neither_sessions_nor_permissions() -> None:
    profile = {"algorithms": ["HS256"], "keys": [{"secret": SECRET}]}
    claims = bearerd.Verifier({"profiles": {"api": profile}}).verify(hs256(access()))
    assert claims.context is None


def test_permissions_by_claims() -> None:
    verifier = bearerd.Verifier(configuration(permissions=BY_CLAIMS))
    head, root, other = (hs256(access(rights=[], level=level)) for level in (1, 0, 9))
    untold = hs256(access(rights=[], deeper={"a": 1}))
    no_scopes = bearerd.Verifier(configuration())
    for _ in range(2):
        assert context_of(verifier.verify(head)) == {"permission": permission("all")}
        assert context_of(verifier.verify(root)) == {"permission": permission("all", bypass=True)}
        assert context_of(verifier.verify(other)) == {"permission": permission("self")}
        assert context_of(verifier.verify(untold)) == {"permission": permission("self")}
        assert context_of(no_scopes.verify(untold)) == {"permission": permission(None)}
    claims = verifier.verify(head)
    assert claims.context is verifier.verify(head).context, "the same object while it says the same"
    assert isinstance(claims.context, Mapping)
    assert claims.context["permission"]["data_scope"] == "all"
    with pytest.raises(TypeError):
        claims.context["permission"] = {}  # type: ignore[index]
    assert (claims.session, claims.context.context) == (None, None)
    assert verifier.verify(untold)["deeper"].context is None


def test_the_session_alone() -> None:
    verifier = signs_in()
    opened = verifier.sign_in("ada", kind="access", attributes={"floor": 1})
    claims = verifier.verify(opened["access"])
    session = {"id": opened["sid"], "attributes": {"floor": 1}, "expires_at": opened["expires_at"]}
    assert context_of(claims) == {"session": session}
    assert verifier.verify(verifier.create_pat("ada")["token"]).context is None


#: Every way to a claims object that somebody has kept.
WAYS: list[Callable[[bearerd.Verifier, str], Any]] = [
    lambda verifier, token: verifier.verify(token),
    lambda verifier, token: verifier.verify_authorization(f"Bearer {token}"),
    lambda verifier, token: verifier.verify_headers([("authorization", f"Bearer {token}")]),
    lambda verifier, token: verifier.lookup_headers([("authorization", f"Bearer {token}")]),
    lambda verifier, token: verifier.verify_many([token])[0],
]


@pytest.mark.parametrize("way", range(len(WAYS)))
def test_it_is_never_of_an_older_state_than_the_verdict(way: int) -> None:
    """The claims stay the same object; what they come with is new."""
    verifier = of_session()
    opened = verifier.sign_in("ada", kind="access", attributes={"rights": ["a.b"], "level": 2})
    claims = verifier.verify(opened["access"])
    before = claims.context
    assert before is not None
    assert before["permission"] == permission("project")
    for level, scope in ((1, "all"), (2, "project"), (7, "self")):
        verifier.change_session(opened["sid"], set={"level": level})
        again: Any = WAYS[way](verifier, opened["access"])
        assert id(again) == id(claims)
        assert again.context["session"]["attributes"]["level"] == level
        assert again.context["permission"] == permission(scope)
        # Asked for together or apart, they are of one state.
        assert again.session["attributes"] == again.context["session"]["attributes"]
    assert before["session"]["attributes"] == {"rights": ["a.b"], "level": 2}, "what was handed out stays"


def test_a_guard_and_the_context_go_by_the_same_state() -> None:
    verifier = of_session()
    opened = verifier.sign_in("ada", kind="access", attributes={"rights": ["a.b"], "level": 1})
    guard = bearerd.Guard({"permission": "a.b"})
    assert verifier.verify(opened["access"], guard=guard).context is not None
    verifier.change_session(opened["sid"], set={"rights": ["a.c"]})
    with pytest.raises(bearerd.ForbiddenError):
        verifier.verify(opened["access"], guard=guard)
    context = verifier.verify(opened["access"]).context
    assert context is not None and context["session"]["attributes"]["rights"] == ("a.c",)
