"""The WSGI middleware and the Flask decorator, on waitress, werkzeug and (see test_gunicorn) gunicorn."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import flask
import pytest
from conftest import access, configuration, hs256
from refusals import (
    DEMANDS,
    GOOD,
    assert_demands,
    assert_demands_are_checked,
    assert_device,
    assert_guards,
    assert_refused,
)
from servers import Client, serve_waitress, serve_werkzeug

import bearerd
from bearerd.flask import Bearer
from bearerd.wsgi import BearerMiddleware

VERIFIER = bearerd.Verifier(configuration())


def orders(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    claims = environ.get("bearerd.claims")
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps({"sub": claims["sub"]} if claims else {}).encode()]


def plain() -> Any:
    guarded = {
        "/orders": BearerMiddleware(orders, VERIFIER),
        "/device": BearerMiddleware(orders, VERIFIER, device=True),
    }
    for number, (demand, *_) in enumerate(DEMANDS):
        guarded[f"/demand/{number}"] = BearerMiddleware(orders, VERIFIER, **demand)  # type: ignore[arg-type]
    return lambda environ, start_response: guarded[environ["PATH_INFO"]](environ, start_response)


def flask_app() -> flask.Flask:
    app = flask.Flask(__name__)
    bearer = Bearer(VERIFIER)

    @app.get("/orders")
    @bearer.required
    def orders() -> Any:
        return {"sub": flask.g.claims["sub"]}

    @app.get("/device")
    @bearer.required(device=True)
    def device() -> Any:
        return {"sub": flask.g.claims["sub"]}

    for number, (demand, *_) in enumerate(DEMANDS):
        view = bearer.required(**demand)(lambda: {"sub": flask.g.claims["sub"]})
        app.add_url_rule(f"/demand/{number}", f"demand-{number}", view)
    return app


APPS = [(plain, serve_waitress), (flask_app, serve_waitress), (plain, serve_werkzeug), (flask_app, serve_werkzeug)]


@pytest.fixture(scope="module", params=APPS, ids=lambda pair: f"{pair[0].__name__} on {pair[1].__name__}")
def client(request: pytest.FixtureRequest) -> Iterator[Client]:
    make, serve = request.param
    with serve(make()) as client:
        yield client


def test_guards(client: Client) -> None:
    assert_guards(client, "/orders")


@pytest.mark.parametrize("number", range(len(DEMANDS)))
def test_demands(client: Client, number: int) -> None:
    assert_demands(client, number)


def test_device(client: Client) -> None:
    assert_device(client, "/device", joined=True)


def test_public_paths() -> None:
    app = BearerMiddleware(orders, VERIFIER, public=["/healthz"])
    with serve_waitress(app) as client:
        assert client.get("/healthz").body == {}
        for path in ("/healthz/", "/healthz/x", "/Healthz", "/healthz/../orders"):
            assert_refused(client.get(path), "MISSING_TOKEN", 401)


def test_tokens_elsewhere() -> None:
    verifier = bearerd.Verifier(configuration(token_from=["header:x-token", "cookie:sid"]))
    with serve_waitress(BearerMiddleware(orders, verifier)) as client:
        assert client.get("/", ("X-Token", GOOD)).status == 200
        assert client.get("/", ("Cookie", f"a=b; sid={GOOD}")).status == 200
        assert_refused(client.bearer("/", GOOD), "MISSING_TOKEN", 401)
        other = hs256(access(sub="eve"))
        assert_refused(client.get("/", ("X-Token", GOOD), ("Cookie", f"sid={other}")), "MALFORMED", 401)
        assert_refused(client.get("/", ("X-Token", GOOD), ("X-Token", other)), "MALFORMED", 401)


def test_no_default_profile() -> None:
    document = configuration(token_from=["header:x-token"])
    document["profiles"]["other"] = {**document["profiles"]["api"], "issuer": "https://other.example"}
    document["issuers"] = {"https://other.example": "other"}
    verifier = bearerd.Verifier(document)
    assert verifier.describe()["default_profile"] is None
    token = hs256(access(iss="https://other.example"))
    with serve_waitress(BearerMiddleware(orders, verifier)) as client:
        assert client.bearer("/", token).status == 200
        assert_refused(client.get("/", ("X-Token", token)), "MISSING_TOKEN", 401)
    with serve_waitress(BearerMiddleware(orders, verifier, profile="other")) as client:
        assert client.get("/", ("X-Token", token)).status == 200
        assert_refused(client.bearer("/", token), "MISSING_TOKEN", 401)


def test_a_value_that_is_not_latin_1_is_malformed() -> None:
    """No server may hand this out, and a narrowed character would make another token of it."""
    wide = "".join(chr(0x100 + ord(character)) for character in GOOD)
    for value in (f"Bearer {wide}", f"Bearer {GOOD}\u0141", f"Bearer {GOOD}\ud800"):
        answers: list[Any] = []
        BearerMiddleware(orders, VERIFIER)({"HTTP_AUTHORIZATION": value}, lambda *answer: answers.append(answer))
        assert answers[0][0] == "401 Unauthorized"


def test_flask_before_request() -> None:
    app = flask.Flask(__name__)
    app.before_request(Bearer(VERIFIER, scopes="read:orders").check)
    app.add_url_rule("/orders", view_func=lambda: {"sub": flask.g.claims["sub"]}, endpoint="orders")
    with serve_werkzeug(app) as client:
        assert client.bearer("/orders", GOOD).body == {"sub": "ada"}
        assert_refused(client.get("/orders"), "MISSING_TOKEN", 401)
        assert_refused(client.get("/absent"), "MISSING_TOKEN", 401)
        assert_refused(client.bearer("/orders", hs256(access(scope="x"))), "FORBIDDEN", 403)


def test_a_decorated_view_keeps_its_name() -> None:
    @Bearer(VERIFIER).required
    def orders() -> str:
        """Orders."""
        return ""

    assert (orders.__name__, orders.__doc__) == ("orders", "Orders.")


def test_demands_are_checked_when_the_app_is_made() -> None:
    assert_demands_are_checked(lambda **demands: BearerMiddleware(orders, VERIFIER, **demands))
    assert_demands_are_checked(lambda **demands: Bearer(VERIFIER, **demands))
    assert_demands_are_checked(lambda **demands: Bearer(VERIFIER).required(**demands))
    with pytest.raises(TypeError, match="scopes"):
        Bearer(VERIFIER, scopes="a").required(scopes="b")
    with pytest.raises(TypeError, match="names"):
        Bearer(VERIFIER).required("read:orders")  # type: ignore[call-overload]


def test_a_view_and_demands_at_once() -> None:
    app = flask.Flask(__name__)
    app.add_url_rule("/orders", view_func=Bearer(VERIFIER).required(lambda: {}, scopes="x"), endpoint="orders")  # type: ignore[call-overload]
    with serve_werkzeug(app) as client:
        assert_refused(client.bearer("/orders", GOOD), "FORBIDDEN", 403)
