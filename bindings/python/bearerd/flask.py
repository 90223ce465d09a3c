"""Flask: a decorator for views.

>>> from bearerd.flask import Bearer
>>> bearer = Bearer(verifier)                                       # doctest: +SKIP
>>> @app.get("/orders")                                             # doctest: +SKIP
... @bearer.required(scopes="read:orders")
... def orders():
...     return {"for": g.claims["sub"]}
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar, overload

from flask import Response, current_app, g, request

from ._answers import answer, is_defect
from ._native import Verifier
from ._requirement import Demands, Requirement, also
from .errors import BearerError
from .wsgi import EnvironCheck

if TYPE_CHECKING:
    from typing_extensions import Unpack

View = TypeVar("View", bound=Callable[..., Any])


class Bearer:
    """Guards views. The claims are in ``flask.g.claims``; not for a request that the configuration's
    ``[[routes]]`` make public, with ``routes``."""

    def __init__(self, verifier: Verifier, **demands: Unpack[Demands]) -> None:
        self._verifier = verifier
        self._demands = demands
        self._check = EnvironCheck(Requirement(verifier, **demands))

    @overload
    def required(self, view: View, /) -> View: ...
    @overload
    def required(self, view: None = None, /, **demands: Unpack[Demands]) -> Callable[[View], View]: ...
    def required(self, view: Any = None, /, **demands: Unpack[Demands]) -> Any:
        """Decorates a view: ``@bearer.required`` or ``@bearer.required(scopes=…)``.

        Write it below the route's decorator, so that the route runs what it returns.
        """
        check = self._check
        if demands:
            check = EnvironCheck(Requirement(self._verifier, **also(self._demands, demands)))
        return (lambda view: _guarded(view, check)) if view is None else _guarded(view, check)

    def check(self) -> Response | None:
        """For ``app.before_request(bearer.check)``: guards every view of an app or a blueprint."""
        return _refusal(self._check)


def _guarded(view: Callable[..., Any], check: EnvironCheck) -> Callable[..., Any]:
    if not callable(view):
        raise TypeError(f"a view is a function, not {type(view).__name__}; demands have names")

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        refusal = _refusal(check)
        return current_app.ensure_sync(view)(*args, **kwargs) if refusal is None else refusal

    return guarded


def _refusal(check: EnvironCheck) -> Response | None:
    try:
        claims = check.verify(request.environ)
    except BearerError as error:
        if is_defect(error):
            raise
        refusal = answer(error)
        return Response(refusal.body, status=refusal.status, headers=list(refusal.headers))
    if claims is not None:
        g.claims = claims
    return None
