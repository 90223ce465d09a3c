"""What a request asks for, as the one who sent it wrote it.

Routes are looked up by the raw target, since the decoded path hides what two servers may read in two
ways. But the decoded path is what frameworks choose a handler by: where the two do not say the same,
something in front has rewritten one of them, and the request is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import quote_from_bytes, unquote, unquote_to_bytes

from .errors import ForbiddenError


class Asked(NamedTuple):
    """The method and target of a request."""

    method: str | None
    target: bytes


def of_scope(scope: Mapping[str, Any]) -> Asked:
    """Of an ASGI connection, or the ForbiddenError. A handshake of a WebSocket is a GET (RFC 6455,
    section 4.1)."""
    path: str = scope.get("path") or ""
    root: str = scope.get("root_path") or ""
    raw: bytes | None = scope.get("raw_path")
    if root and path != root and not path.startswith(root + "/"):
        # Routers take such a path for one below the root.
        raise ForbiddenError("FORBIDDEN: the path does not lie below root_path")
    if raw is None:
        if "\ufffd" in path:
            raise ForbiddenError("FORBIDDEN: the server tells no raw path, and the path was not UTF-8")
        target = _alone(path.encode("utf-8", "surrogatepass"), root)
    elif not raw.isascii() or b"?" in raw or unquote(raw.decode("ascii")) != path:
        raise ForbiddenError("FORBIDDEN: raw_path and path differ")
    else:
        target = raw
    method = "GET" if scope["type"] == "websocket" else scope.get("method")
    return Asked(method, _with_query(target, scope.get("query_string") or b""))


def of_environ(environ: Mapping[str, Any]) -> Asked:
    """Of a WSGI environment, or the ForbiddenError. Servers name the target RAW_URI or REQUEST_URI."""
    script = environ.get("SCRIPT_NAME", "")
    path = (script + environ.get("PATH_INFO", "")).encode("latin-1", "replace")
    said = {environ[name] for name in ("RAW_URI", "REQUEST_URI") if environ.get(name) is not None}
    method = environ.get("REQUEST_METHOD")
    if not said:
        query = environ.get("QUERY_STRING", "").encode("latin-1", "replace")
        return Asked(method, _with_query(_alone(path, script), query))
    target = said.pop().encode("latin-1", "replace")
    if said or unquote_to_bytes(target.partition(b"?")[0]) != path:
        raise ForbiddenError("FORBIDDEN: the server's target and the path differ")
    return Asked(method, target)


def _with_query(target: bytes, query: bytes) -> bytes:
    return target + b"?" + query if query else target


def _alone(path: bytes, root: str) -> bytes:
    """The target that a decoded path stands for, where the server tells no other. Escaped anew, so that
    what may not be escaped is seen. An escaped slash is not: but the handler is chosen by this path,
    and the routes then go by the same one."""
    if root:
        # What was cut off may be a client's word, and nothing shows the whole.
        raise ForbiddenError("FORBIDDEN: the server tells no raw target, and the path is divided")
    return quote_from_bytes(path, safe="/:@!$&'()*+,=~").encode("ascii")
