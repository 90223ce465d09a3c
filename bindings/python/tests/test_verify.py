"""Options, types, hostile input."""

from __future__ import annotations

import time
from typing import Any

import pytest
from conftest import SECRET, access, configuration, hs256

import bearerd


def refused(call: Any, *args: Any, **kwargs: Any) -> str:
    with pytest.raises(bearerd.BearerError) as caught:
        call(*args, **kwargs)
    assert not isinstance(caught.value, bearerd.InternalError | bearerd.MisuseError)
    return caught.value.code


def test_str_and_bytes(verifier: bearerd.Verifier) -> None:
    token = hs256(access())
    assert verifier.verify(token) is verifier.verify(token.encode()) is verifier.verify(token=token)


def test_errors_are_of_their_class(verifier: bearerd.Verifier) -> None:
    now = int(time.time())
    strict = bearerd.Verifier(
        configuration(issuer="https://a.example", audience="https://b.example", require=["tenant"])
    )
    good = {"iss": "https://a.example", "aud": "https://b.example", "tenant": 1}
    for expected, used, token in [
        (bearerd.ExpiredSignatureError, verifier, hs256(access(exp=now - 60))),
        (bearerd.ImmatureSignatureError, verifier, hs256(access(nbf=now + 600))),
        (bearerd.InvalidSignatureError, verifier, hs256(access(), secret="x" * 32)),
        (bearerd.InvalidAlgorithmError, verifier, hs256(access(), header={"alg": "none"})),
        (bearerd.InvalidAlgorithmError, verifier, hs256(access(), header={"alg": "HS512"})),
        (bearerd.WrongTokenKindError, verifier, hs256(access(tokenType="refresh"))),
        (bearerd.DecodeError, verifier, "no token"),
        (bearerd.InvalidIssuerError, strict, hs256(access(**{**good, "iss": "https://c.example"}))),
        (bearerd.InvalidAudienceError, strict, hs256(access(**{**good, "aud": ["https://c.example"]}))),
        (bearerd.MissingRequiredClaimError, strict, hs256(access(iss=good["iss"], aud=good["aud"]))),
    ]:
        with pytest.raises(bearerd.BearerError) as caught:
            used.verify(token)
        assert type(caught.value) is expected, caught.value
        assert token not in str(caught.value) and "c.example" not in str(caught.value)
        assert str(caught.value).startswith(caught.value.code)
    assert strict.verify(hs256(access(**good)))["tenant"] == 1


TOKEN = hs256(access())
HOSTILE: list[tuple[str, Any]] = [
    ("empty", ""),
    ("U+0141 narrows to A", "\u0141" + TOKEN[1:]),
    ("U+0100 narrows to NUL", TOKEN + "\u0100"),
    # Each character narrows to the byte of the real token.
    ("every character above U+00FF", "".join(chr(0x100 + ord(c)) for c in TOKEN)),
    ("one wide character in the middle", TOKEN[:50] + chr(0x1F600) + TOKEN[50:]),
    ("NUL at the end", TOKEN + "\0"),
    ("NUL in the middle", TOKEN[:50] + "\0" + TOKEN[51:]),
    ("NUL bytes", TOKEN.encode() + b"\0"),
    ("lone surrogate", TOKEN + "\ud800"),
    ("surrogate escape", TOKEN.encode().decode() + "\udcff"),
    ("Latin-1", TOKEN[:-1] + "\xe9"),
    ("byte above 127", TOKEN.encode()[:-1] + b"\xe9"),
    ("not UTF-8", b"\xff\xfe" + TOKEN.encode()),
    ("all bytes above 127", bytes(c | 0x80 for c in TOKEN.encode())),
    ("blank before", " " + TOKEN),
    ("line break behind", TOKEN + "\n"),
    ("padding", TOKEN + "="),
    ("fullwidth", TOKEN.replace("e", "\uff45", 1)),
    ("a megabyte", "a" * (1 << 20)),
    ("three dots", "..."),
]


@pytest.mark.parametrize("token", [token for _, token in HOSTILE], ids=[name for name, _ in HOSTILE])
def test_hostile_tokens_are_malformed(verifier: bearerd.Verifier, token: Any) -> None:
    assert verifier.verify(TOKEN)["sub"] == "ada"  # the cache holds the token that it resembles
    for _ in range(2):
        assert refused(verifier.verify, token) == "MALFORMED"
    [answer] = verifier.verify_many([token])
    assert isinstance(answer, bearerd.DecodeError)


class Text(str):
    def __str__(self) -> str:
        return TOKEN

    def encode(self, *_: Any) -> bytes:  # type: ignore[override]
        return TOKEN.encode()


def test_a_subclass_is_read_for_what_it_holds(verifier: bearerd.Verifier) -> None:
    assert refused(verifier.verify, Text("eve")) == "MALFORMED"
    assert verifier.verify(Text(TOKEN))["sub"] == "ada"


@pytest.mark.parametrize("token", [None, 7, 1.5, True, [], {}, (), object(), bytearray(b"x"), memoryview(b"x"), ["x"]])
def test_a_token_that_is_no_text_is_a_type_error(verifier: bearerd.Verifier, token: Any) -> None:
    with pytest.raises(TypeError, match="token must be str or bytes, not "):
        verifier.verify(token)
    with pytest.raises(TypeError, match="a token must be str or bytes, not "):
        verifier.verify_many([TOKEN, token])
    with pytest.raises(TypeError, match="must be str or bytes, not "):
        verifier.verify_headers([("authorization", token)])


@pytest.mark.parametrize(
    ("options", "error", "names"),
    [
        ({"audiance": "x"}, TypeError, "audiance"),
        ({"Profile": "x"}, TypeError, "Profile"),
        ({"\u0141": "x"}, TypeError, "\u0141"),
        ({"profile": 7}, TypeError, "profile"),
        ({"profile": ""}, ValueError, "profile"),
        ({"profile": "\ud800"}, ValueError, "profile"),
        ({"audience": ["x"]}, TypeError, "audience"),
        ({"audience": ""}, ValueError, "audience"),
        ({"device": 7}, TypeError, "device"),
        ({"device": "\ud800"}, ValueError, "device"),
        ({"kind": "Access"}, ValueError, "kind"),
        ({"kind": 1}, TypeError, "kind"),
        ({"guard": {"roles": [4]}}, TypeError, "guard"),
        ({"guard": 4}, TypeError, "guard"),
        ({"guard": ""}, ValueError, "guard"),
        ({"guard": b"orders"}, TypeError, "guard"),
    ],
)
def test_an_option_not_understood_is_an_error_that_names_it(
    verifier: bearerd.Verifier, options: dict[str, Any], error: type[Exception], names: str
) -> None:
    verifier.verify(TOKEN)
    for call, what in [
        (verifier.verify, TOKEN),
        (verifier.verify_authorization, "Bearer " + TOKEN),
        (verifier.verify_headers, [("authorization", "Bearer " + TOKEN)]),
        (verifier.verify_many, [TOKEN]),
        (verifier.explain, TOKEN),
    ]:
        with pytest.raises(error, match=names):
            call(what, **options)  # type: ignore[operator]


def test_calls(verifier: Any) -> None:
    for args, kwargs in [((), {}), ((TOKEN, "api"), {}), ((TOKEN,), {"token": TOKEN})]:
        with pytest.raises(TypeError):
            verifier.verify(*args, **kwargs)
    with pytest.raises(TypeError):
        verifier.jwks(1)
    with pytest.raises(TypeError):
        type("Mine", (bearerd.Verifier,), {})


def test_names_that_are_not_there(verifier: bearerd.Verifier) -> None:
    for options in ({"profile": "web"}, {"guard": "absent"}):
        with pytest.raises(bearerd.BearerError) as caught:
            verifier.verify(TOKEN, **options)
        assert caught.value.code not in ("OK", "INTERNAL")


def test_options_hold_on_a_hit(verifier: bearerd.Verifier) -> None:
    for _ in range(2):
        claims = verifier.verify(TOKEN)
        assert verifier.verify(TOKEN, guard="orders", kind="access", device="d1", profile="api") is claims
        assert verifier.verify(TOKEN, guard=bearerd.Guard({"roles": [4], "vip": True})) is claims
        assert verifier.verify(TOKEN, guard="desk", device="d1") is claims
        assert verifier.verify(TOKEN, guard=None, audience=None, device=None, kind=None, profile=None) is claims
        assert refused(verifier.verify, TOKEN, guard="desk") == "DEVICE_MISMATCH"
        assert refused(verifier.verify, TOKEN, guard="desk", device="") == "DEVICE_MISMATCH"
        assert refused(verifier.verify, TOKEN, guard="desk", device="d2") == "DEVICE_MISMATCH"
        assert refused(verifier.verify, TOKEN, guard=bearerd.Guard({"roles": [9]})) == "FORBIDDEN"
        assert refused(verifier.verify, TOKEN, kind="refresh") == "WRONG_TOKEN_KIND"
        assert refused(verifier.verify, TOKEN, audience="https://b.example") == "INVALID_CLAIM"


def test_guards() -> None:
    bearerd.Guard('{"roles": [4]}')
    with pytest.raises(bearerd.ValidationError, match="unknown"):
        bearerd.Guard({"unknown": 1})
    with pytest.raises(bearerd.ValidationError):
        bearerd.Guard({"roles": []})
    for rule in (None, 7, [], ("a",)):
        with pytest.raises(TypeError, match="rule must be"):
            bearerd.Guard(rule)  # type: ignore[arg-type]


def test_authorization(verifier: bearerd.Verifier) -> None:
    claims = verifier.verify(TOKEN)
    for value in ("Bearer " + TOKEN, "bearer " + TOKEN, b"BEARER " + TOKEN.encode()):
        assert verifier.verify_authorization(value) is claims
    for value in (None, "", "Bearer", "Bearer ", "Basic x", TOKEN):
        assert refused(verifier.verify_authorization, value) == "MISSING_TOKEN"
    for value in (
        f"Bearer {TOKEN},Bearer {TOKEN}",
        f"Bearer  {TOKEN}",
        f"Bearer\t{TOKEN}",
        "Bearer \u0141",
        "Bearer \ud800",
    ):
        assert refused(verifier.verify_authorization, value) == "MALFORMED"
    assert refused(verifier.verify_authorization, "Bearer " + TOKEN, guard=bearerd.Guard({"vip": False})) == "FORBIDDEN"
    with pytest.raises(TypeError, match="value must be"):
        verifier.verify_authorization(7)  # type: ignore[arg-type]


def test_headers() -> None:
    looks = bearerd.Verifier(configuration(token_from=["bearer", "header:x-token", "cookie:sid"]))
    claims = looks.verify(TOKEN)
    other = hs256(access(sub="eve"))
    raw = TOKEN.encode()
    for headers in (
        [("Authorization", "Bearer " + TOKEN)],
        [[b"authorization", b"Bearer " + raw]],
        ((name, value) for name, value in [("x-other", "1"), ("X-Token", TOKEN)]),
        [(b"cookie", b"a=b"), (b"cookie", b"theme=x; sid=" + raw)],
        [(b"x-token", raw), (b"authorization", b"Bearer " + raw)],
        {"x-token": TOKEN}.items(),
    ):
        assert looks.verify_headers(headers) is claims  # type: ignore[arg-type]
    for headers in (
        [(b"authorization", b"Bearer " + raw), (b"authorization", b"Bearer " + other.encode())],
        [(b"authorization", b"Bearer " + raw), (b"authorization", b"Bearer " + raw)],
        [(b"authorization", b"Bearer " + raw), (b"x-token", other.encode())],
        [(b"x-token", raw), (b"x-token", other.encode())],
        [("x-token", "\u0141")],
        [("x-token", "\ud800")],
        [(b"x-token", b"\xff")],
    ):
        assert refused(looks.verify_headers, headers) == "MALFORMED"
    assert refused(looks.verify_headers, []) == "MISSING_TOKEN"
    assert refused(looks.verify_headers, [(b"x", b"")] * 5000) == "MALFORMED"
    for wrong in (7, None, ["ab"], [b"ab"], [("a",)], [("a", "b", "c")], "ab", [7]):
        with pytest.raises(TypeError):
            looks.verify_headers(wrong)  # type: ignore[arg-type]

    def broken() -> Any:
        yield ("x", "y")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        looks.verify_headers(broken())


def test_many(verifier: bearerd.Verifier) -> None:
    tokens = [hs256(access(n=n)) for n in range(5)]
    verifier.verify(tokens[2])
    answers = verifier.verify_many(iter([*tokens, "x", tokens[2], b"y", hs256(access(exp=1))]))
    assert [answer["n"] for answer in answers[:5]] == [0, 1, 2, 3, 4]  # type: ignore[index]
    assert [type(answer) for answer in answers[5:]] == [
        bearerd.DecodeError,
        bearerd.Claims,
        bearerd.DecodeError,
        bearerd.ExpiredSignatureError,
    ]
    assert str(answers[5]) and answers[5].status == 401  # type: ignore[union-attr]
    assert answers[6] is verifier.verify(tokens[2]) is verifier.verify_many(tokens)[2]
    assert verifier.verify_many([]) == []
    refusals = verifier.verify_many(tokens, guard=bearerd.Guard({"roles": [9]}))
    assert {type(answer) for answer in refusals} == {bearerd.ForbiddenError}
    for wrong in (TOKEN, TOKEN.encode(), 7, None):
        with pytest.raises(TypeError):
            verifier.verify_many(wrong)  # type: ignore[arg-type]


def test_explain(verifier: bearerd.Verifier) -> None:
    told = verifier.explain(hs256(access(exp=1)))
    assert told["code"] == "EXPIRED" and told["status"] == 401 and told["claim"] == "exp"
    assert verifier.explain(TOKEN)["code"] == "OK"


def test_configuration() -> None:
    assert bearerd.Verifier('{"profiles":{"a":{"algorithms":["HS256"],"keys":[{"secret":"%s"}]}}}' % SECRET)
    assert bearerd.Verifier(f'[profiles.a]\nalgorithms = ["HS256"]\nkeys = [{{ secret = "{SECRET}" }}]')
    with pytest.raises(bearerd.ConfigError, match="leeweay") as caught:
        bearerd.Verifier(configuration(leeweay="5s"))
    assert SECRET not in str(caught.value)
    assert (caught.value.code, caught.value.status) == ("CONFIG_ERROR", 0)
    for wrong in (None, 7, b"", [], object()):
        with pytest.raises(TypeError, match="config must be"):
            bearerd.Verifier(wrong)  # type: ignore[arg-type]
    with pytest.raises(ValueError):
        bearerd.Verifier(configuration(leeway=float("nan")))
    with pytest.raises(TypeError):
        bearerd.Verifier(configuration(leeway=object()))


def test_from_file(tmp_path: Any) -> None:
    path = tmp_path / "b\u00e9arerd.toml"
    path.write_text(f'[profiles.a]\nalgorithms = ["HS256"]\nkeys = [{{ secret = "{SECRET}" }}]')
    for name in (path, str(path), str(path).encode()):
        assert bearerd.Verifier.from_file(name).verify(TOKEN)["sub"] == "ada"
    with pytest.raises(bearerd.ConfigError, match=r"absent\.toml"):
        bearerd.Verifier.from_file(tmp_path / "absent.toml")
    with pytest.raises(TypeError):
        bearerd.Verifier.from_file(7)  # type: ignore[arg-type]


def test_from_env(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.setenv("JWT_ALGORITHM", "HS256")
    monkeypatch.setenv("JWT_SECRET", SECRET)
    verifier = bearerd.Verifier.from_env()
    assert verifier.describe()["profiles"]
    monkeypatch.setenv("BEARERD_CONFIG", str(tmp_path / "absent.toml"))
    with pytest.raises(bearerd.ConfigError, match=r"absent\.toml"):
        bearerd.Verifier.from_env()


def test_describe_stats_jwks(verifier: bearerd.Verifier) -> None:
    told = verifier.describe()
    assert told["profiles"]["api"]["token_from"] == ["bearer"] and "orders" in told["guards"]
    assert verifier.jwks() == {"keys": []}
    verifier.verify(TOKEN)
    verifier.verify(TOKEN)
    stats = verifier.stats()
    assert stats["hits"] >= 1 and stats["inserts"] == 1 and stats["entries"] == 1
    assert verifier.stats(profile="api")["entries"] == 1
    with pytest.raises(bearerd.BearerError):
        verifier.stats(profile="web")
