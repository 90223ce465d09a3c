"""Objects as JSON text, for what is passed to the library."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


def _plain(value: object) -> dict[Any, Any]:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} has no form in JSON")


#: NaN and Infinity are not JSON: a ValueError here, rather than an error of the library that can
#: only point at a byte.
encode = json.JSONEncoder(allow_nan=False, separators=(",", ":"), default=_plain).encode
