"""What the workers serve. The verifier is made before they are forked."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from typing import Any

import bearerd
from bearerd.wsgi import BearerMiddleware

verifier = bearerd.Verifier(os.environ["TEST_CONFIG"])
MADE_BY = os.getpid()


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    claims = environ["bearerd.claims"]
    body = json.dumps({"claims": claims.to_dict()}).encode()
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]


guarded = BearerMiddleware(application, verifier)


def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Says in each answer, refusals included, which process gave it."""

    def with_pid(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
        return start_response(status, [*headers, ("X-Pid", str(os.getpid())), ("X-Made-By", str(MADE_BY))], *rest)

    return guarded(environ, with_pid)
