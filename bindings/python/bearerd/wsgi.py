"""WSGI middleware: Flask, Django, Bottle, Falcon under any WSGI server.

>>> from bearerd.wsgi import BearerMiddleware
>>> app = BearerMiddleware(app, verifier, scopes="read:orders")     # doctest: +SKIP

The claims are in ``environ["bearerd.claims"]``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from ._answers import answer, is_defect
from ._native import Claims, Verifier
from ._requirement import Demands, Headers, Requirement
from ._target import of_environ
from .errors import BearerError

if TYPE_CHECKING:
    from typing_extensions import Unpack

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
App = Callable[[Environ, StartResponse], Iterable[bytes]]


class BearerMiddleware:
    """Lets through what shows an acceptable token; answers the rest itself.

    ``public`` lists paths (``SCRIPT_NAME`` and ``PATH_INFO``) that need no token: those that equal
    one of them, character by character.

    With ``routes``, the configuration's ``[[routes]]`` decide by the method and the raw target of each
    request, ``SCRIPT_NAME`` included, and ``public`` has no place.
    """

    def __init__(self, app: App, verifier: Verifier, *, public: Iterable[str] = (), **demands: Unpack[Demands]) -> None:
        if isinstance(public, str):
            raise TypeError("public must be a list of paths, not one str")
        self._app = app
        self._public = frozenset(public)
        requirement = Requirement(verifier, **demands)
        if self._public and requirement.routes:
            raise TypeError("say either routes or public: the routes name what is public")
        self._check = EnvironCheck(requirement)

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        if environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "") in self._public:
            return self._app(environ, start_response)
        try:
            claims = self._check.verify(environ)
        except BearerError as error:
            if is_defect(error):
                raise
            refusal = answer(error)
            status = HTTPStatus(refusal.status)
            start_response(f"{status.value} {status.phrase}", [(_title(n), v) for n, v in refusal.headers])
            return [refusal.body]
        if claims is not None:
            environ["bearerd.claims"] = claims
        return self._app(environ, start_response)


class EnvironCheck:
    """A requirement of a WSGI environment.

    WSGI shows a repeated header as one value, joined by commas. Two tokens then make one that is
    malformed, which is what two tokens are.
    """

    def __init__(self, requirement: Requirement) -> None:
        self._requirement = requirement
        self._names = [
            (name.encode("ascii"), "HTTP_" + name.upper().replace("-", "_"))
            for name in sorted(requirement.header_names)
        ]

    def verify(self, environ: Environ) -> Claims | None:
        """The claims, None where the routes make the request public, or the BearerError."""
        asked = of_environ(environ) if self._requirement.routes else None
        headers: Headers = []
        for name, variable in self._names:
            value = environ.get(variable)
            if value is not None:
                headers.append((name, _raw(value)))
        return self._requirement.verify(headers, asked)


def _raw(value: str) -> bytes:
    """The header's bytes, which WSGI decodes as Latin-1."""
    try:
        return value.encode("latin-1")
    except UnicodeEncodeError:
        # No server may do this. Whatever the bytes were, they are none that a token has.
        return value.encode("utf-8", "replace") + b"\xff"


def _title(name: str) -> str:
    return "-".join(part.capitalize() for part in name.split("-"))
