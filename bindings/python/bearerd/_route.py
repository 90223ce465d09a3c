"""What the configuration's ``[[routes]]`` ask of a request."""

from __future__ import annotations

from typing import NamedTuple


class Route(NamedTuple):
    """What a request must bring: nothing where it is ``public``, else a token, and where a ``guard``
    is named one for which that guard holds."""

    public: bool
    guard: str | None
