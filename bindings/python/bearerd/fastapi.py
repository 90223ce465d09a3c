"""FastAPI: a dependency that hands the claims to a route.

>>> from bearerd.fastapi import Bearer
>>> bearer = Bearer(verifier)                                       # doctest: +SKIP
>>> bearer.install(app)                                             # doctest: +SKIP
>>> @app.get("/orders")                                             # doctest: +SKIP
... def orders(claims: Annotated[Claims, Depends(bearer.require(scopes="read:orders"))]): ...
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import fastapi
from fastapi.openapi.models import HTTPBearer as HTTPBearerModel
from fastapi.requests import HTTPConnection
from fastapi.responses import Response
from fastapi.security.base import SecurityBase

from ._answers import Answer, answer, is_defect
from ._native import Claims, Verifier
from ._requirement import Demands, Requirement, also
from ._target import of_scope
from .errors import BearerError

if TYPE_CHECKING:
    from typing_extensions import Unpack


class BearerHTTPException(fastapi.HTTPException):
    """A refusal. Unhandled, FastAPI answers it with the same status and headers, and the code under
    ``detail``."""

    def __init__(self, refusal: Answer) -> None:
        headers = {name: value for name, value in refusal.headers if name != "content-length"}
        super().__init__(refusal.status, detail=refusal.document, headers=headers)
        self.answer = refusal


class Bearer(SecurityBase):
    """A dependency: the claims of an acceptable token, or the answer that refuses it. With ``routes``,
    None where the configuration's ``[[routes]]`` make the request public."""

    def __init__(self, verifier: Verifier, *, scheme_name: str = "Bearer", **demands: Unpack[Demands]) -> None:
        self.model = HTTPBearerModel(bearerFormat="JWT")
        self.scheme_name = scheme_name
        self._verifier = verifier
        self._demands = demands
        self._requirement = Requirement(verifier, **demands)

    def require(self, **demands: Unpack[Demands]) -> Bearer:
        """A dependency that demands this as well."""
        return Bearer(self._verifier, scheme_name=self.scheme_name, **also(self._demands, demands))

    def install(self, app: fastapi.FastAPI) -> None:
        """Has `app` answer refusals as the sidecar does, with the code at the top of the body."""
        app.add_exception_handler(BearerHTTPException, _respond)

    # A coroutine, though mostly nothing is waited for: FastAPI runs plain functions in a thread pool,
    # which takes far longer than the verification.
    async def __call__(self, connection: HTTPConnection) -> Claims | None:
        try:
            asked = of_scope(connection.scope) if self._requirement.routes else None
            claims = await self._requirement.verify_in_loop(connection.scope["headers"], asked)
        except BearerError as error:
            if is_defect(error):
                raise
            raise BearerHTTPException(answer(error)) from None
        if claims is not None:
            connection.scope["bearerd.claims"] = claims
        return claims


async def _respond(_request: Any, error: Any) -> Response:
    refusal: Answer = error.answer
    return Response(refusal.body, status_code=refusal.status, headers=dict(refusal.headers))
