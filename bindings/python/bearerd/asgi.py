"""ASGI middleware: FastAPI, Starlette, Quart, Litestar, Django's ASGI handler.

>>> from bearerd.asgi import BearerMiddleware
>>> app = BearerMiddleware(app, verifier, scopes="read:orders")     # doctest: +SKIP

The claims are in ``scope["bearerd.claims"]`` and, for Starlette, ``request.state.claims``.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import TYPE_CHECKING, Any

from ._answers import Answer, answer, is_defect
from ._native import Verifier
from ._requirement import Demands, Requirement
from ._target import of_scope
from .errors import BearerError

if TYPE_CHECKING:
    from typing_extensions import Unpack

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


class BearerMiddleware:
    """Lets through what shows an acceptable token; answers the rest itself.

    ``public`` lists paths that need no token. A path is public if it equals one of them, character
    by character, as the server decoded it: there are no prefixes and no patterns, which a path
    written otherwise could slip past.

    With ``routes``, the configuration's ``[[routes]]`` decide by the method and the raw path of each
    request, root_path included, and ``public`` has no place.
    """

    def __init__(self, app: App, verifier: Verifier, *, public: Iterable[str] = (), **demands: Unpack[Demands]) -> None:
        if isinstance(public, str):
            raise TypeError("public must be a list of paths, not one str")
        self._app = app
        self._public = frozenset(public)
        self._requirement = Requirement(verifier, **demands)
        if self._public and self._requirement.routes:
            raise TypeError("say either routes or public: the routes name what is public")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        kind = scope["type"]
        if kind == "lifespan" or (kind == "http" and scope["path"] in self._public):
            return await self._app(scope, receive, send)
        try:
            asked = of_scope(scope) if self._requirement.routes else None
            claims = await self._requirement.verify_in_loop(scope["headers"], asked)
        except BearerError as error:
            if is_defect(error):
                raise
            if kind == "websocket":
                return await _refuse_websocket(answer(error), scope, receive, send)
            return await _refuse(answer(error), "http.response", send)
        if claims is not None:
            scope["bearerd.claims"] = claims
            scope.setdefault("state", {})["claims"] = claims
        return await self._app(scope, receive, send)


async def _refuse(refusal: Answer, message: str, send: Send) -> None:
    headers = [(name.encode("ascii"), value.encode("ascii")) for name, value in refusal.headers]
    await send({"type": f"{message}.start", "status": refusal.status, "headers": headers})
    await send({"type": f"{message}.body", "body": refusal.body})


async def _refuse_websocket(refusal: Answer, scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    if "websocket.http.response" in scope.get("extensions", {}):
        await _refuse(refusal, "websocket.http.response", send)
    else:
        # Servers answer 403 to a handshake that is closed before it was accepted.
        await send({"type": "websocket.close", "code": 1008})
