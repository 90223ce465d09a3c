"""The answers that say no: what the sidecar answers, built once a code."""

from __future__ import annotations

import json
from typing import NamedTuple

from .errors import AccessError, BearerError, MissingTokenError, UnauthorizedError


class Answer(NamedTuple):
    """An HTTP answer. The body says the code and the table's sentence, never what the token held."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    document: dict[str, object]


def is_defect(error: BearerError) -> bool:
    """Whether it is ours to mend: it belongs in the server's log, and the client gets a 500."""
    return error.status in (0, 500)


def answer(error: BearerError) -> Answer:
    """The answer to a request that was refused."""
    row = type(error)
    built = _BUILT.get(row)
    if built is None:
        built = _BUILT[row] = _build(row)
    return built


#: As many as there are classes
_BUILT: dict[type[BearerError], Answer] = {}


def _build(row: type[BearerError]) -> Answer:
    document = {"code": row.code, "message": row.message, "status": row.status or 500}
    body = json.dumps(document, separators=(",", ":")).encode()
    headers = [
        ("content-type", "application/json"),
        ("cache-control", "no-store"),
        ("content-length", str(len(body))),
    ]
    challenge = _challenge(row)
    if challenge is not None:
        headers.append(("www-authenticate", challenge))
    return Answer(row.status or 500, tuple(headers), body, document)


def _challenge(row: type[BearerError]) -> str | None:
    """RFC 6750, section 3: no error where no credentials were sent."""
    if issubclass(row, MissingTokenError | UnauthorizedError):
        return "Bearer"
    if row.status == 401:
        error = "invalid_token"
    elif issubclass(row, AccessError):
        error = "insufficient_scope"
    else:
        return None
    return f'Bearer error="{error}", error_description="{row.message}"'
