"""What is served in the tests of routes over WSGI, by gunicorn too."""

from __future__ import annotations

import json
from typing import Any

import flask
from routed import VERIFIER, handled, name_of

from bearerd.flask import Bearer
from bearerd.wsgi import BearerMiddleware

METHODS = ["GET", "POST", "DELETE", "OPTIONS"]


def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    claims = environ.get("bearerd.claims")
    start_response("200 OK", [("Content-Type", "application/json")])
    if environ["REQUEST_METHOD"] == "HEAD":
        return []
    return [json.dumps(handled(name_of(environ["PATH_INFO"]), claims)).encode()]


plain = BearerMiddleware(application, VERIFIER, routes=True)


def view(name: str) -> Any:
    return lambda **_: handled(name, flask.g.get("claims"))


def checked() -> flask.Flask:
    """Every request of the application."""
    return with_views(lambda view: view, before=Bearer(VERIFIER, routes=True).check)


def decorated() -> flask.Flask:
    """Each view by itself."""
    return with_views(Bearer(VERIFIER, routes=True).required)


def with_views(decorate: Any, before: Any = None) -> flask.Flask:
    app = flask.Flask(__name__, static_folder=None)
    if before is not None:
        app.before_request(before)
    for number, (rule, name) in enumerate(
        [("/admin", "admin"), ("/admin/<path:rest>", "admin"), ("/", "other"), ("/<path:rest>", "other")]
    ):
        guarded = decorate(view(name))
        app.add_url_rule(rule, f"{name}-{number}", guarded, methods=METHODS, provide_automatic_options=False)
    return app


checked_app = checked()
decorated_app = decorated()
