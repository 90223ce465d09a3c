"""What a request must show, compiled once: shared by all frameworks."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal, TypedDict

from ._native import Claims, Guard, Verifier
from ._target import Asked
from .errors import ForbiddenError, MissingTokenError, ValidationError

Name = int | str
Headers = list[tuple[bytes, bytes]]


class Demands(TypedDict, total=False):
    """The keywords of a requirement."""

    profile: str | None
    audience: str | None
    kind: Literal["access", "refresh", "pat", "any"] | None
    guard: Guard | str | Mapping[str, Any] | None
    roles: Name | Iterable[Name] | None
    scopes: str | Iterable[str] | None
    any_scope: str | Iterable[str] | None
    permission: str | Iterable[str] | None
    any_permission: str | Iterable[str] | None
    vip: bool | None
    team: Literal[True] | Name | Iterable[Name] | None
    device: bool
    device_header: str
    routes: bool


class Requirement:
    """Verifies a request's headers.

    ``roles``, ``scopes``, ``any_scope``, ``permission``, ``any_permission``, ``vip``, ``team`` and
    ``device`` are the members of a guard, and all must hold; ``guard`` is one made before, in its
    place. With ``routes``, the configuration's ``[[routes]]`` say for each request what it must show.
    """

    def __init__(
        self,
        verifier: Verifier,
        *,
        profile: str | None = None,
        audience: str | None = None,
        kind: Literal["access", "refresh", "pat", "any"] | None = None,
        guard: Guard | str | Mapping[str, Any] | None = None,
        roles: Name | Iterable[Name] | None = None,
        scopes: str | Iterable[str] | None = None,
        any_scope: str | Iterable[str] | None = None,
        permission: str | Iterable[str] | None = None,
        any_permission: str | Iterable[str] | None = None,
        vip: bool | None = None,
        team: Literal[True] | Name | Iterable[Name] | None = None,
        device: bool = False,
        device_header: str = "x-device-id",
        routes: bool = False,
    ) -> None:
        if not isinstance(verifier, Verifier):
            raise TypeError(f"verifier must be a Verifier, not {type(verifier).__name__}")
        rule = _rule(
            roles=roles,
            scopes=scopes,
            any_scope=any_scope,
            permission=permission,
            any_permission=any_permission,
            vip=vip,
            team=team,
            device=device,
        )
        if rule and guard is not None:
            raise TypeError(f"say either guard or {', '.join(rule)}")
        if not isinstance(routes, bool):
            raise TypeError(f"routes must be a bool, not {type(routes).__name__}")
        if routes and (rule or guard is not None):
            raise TypeError(f"say either routes or {', '.join(rule) or 'guard'}: the routes name the guard")
        if isinstance(guard, Mapping):
            guard = Guard(guard)
        self._verify = verifier.verify_headers
        self._lookup = verifier.lookup_headers
        self._options = _given(profile=profile, audience=audience, kind=kind, guard=Guard(rule) if rule else guard)
        # A guard made elsewhere may ask for the device.
        self._asks_device = device or guard is not None
        self._device_header = device_header.lower().encode("ascii")
        # What is wrong with a demand is said now, and not to the first request.
        with contextlib.suppress(MissingTokenError):
            self._verify([], **self._options)
        self._route = verifier.route
        self.routes = routes
        if routes:
            with contextlib.suppress(ForbiddenError):
                verifier.route("GET", "/")
        description = verifier.describe()
        self.header_names = _names(description, profile, device_header)
        self._waits = _waits(description, profile)

    def verify(self, headers: Headers, asked: Asked | None = None) -> Claims | None:
        """The claims, or the BearerError. All headers as they came, names in lower case. With
        ``routes``, None where the request that is `asked` for is public."""
        if not self._asks_device and not self.routes:
            return self._verify(headers, **self._options)
        headers = list(headers)
        options = self._options_of(headers, asked)
        return None if options is None else self._verify(headers, **options)

    async def verify_in_loop(self, headers: Headers, asked: Asked | None = None) -> Claims | None:
        """The same for an event loop: what has to wait for a store does so on another thread."""
        if not self._waits:
            return self.verify(headers, asked)
        headers = list(headers)
        options = self._options_of(headers, asked)
        if options is None:
            return None
        claims = self._lookup(headers, **options)
        if claims is not None:
            return claims
        return await _in_a_thread(lambda: self._verify(headers, **options))

    def _options_of(self, headers: Headers, asked: Asked | None) -> dict[str, Any] | None:
        options = dict(self._options)
        asks_device = self._asks_device
        if self.routes:
            if asked is None:
                raise ForbiddenError("FORBIDDEN: it is not known what is asked for")
            route = self._route(*asked)
            if route.public:
                return None
            if route.guard is not None:
                options["guard"] = route.guard
                asks_device = True
        if asks_device:
            options["device"] = self._device(headers)
        return options

    def _device(self, headers: Headers) -> bytes | None:
        sent = [value for name, value in headers if name == self._device_header]
        if not sent:
            return None
        if len(sent) > 1 or not sent[0].isascii():
            # Something in front may have read the other one, or read it otherwise.
            raise ValidationError(f"{self._device_header.decode()}: must be sent once, in visible ASCII")
        return sent[0]


def also(demands: Demands, more: Demands) -> Demands:
    """Both, where none would take the place of another: what was demanded once stays demanded."""
    twice = sorted(demands.keys() & more.keys())
    if twice:
        raise TypeError(f"{', '.join(twice)}: said before; a demand is not replaced by another")
    return {**demands, **more}


def _given(**options: Any) -> dict[str, Any]:
    return {name: value for name, value in options.items() if value is not None}


def _rule(*, vip: bool | None, team: Any, device: bool, **lists: Any) -> dict[str, Any]:
    rule: dict[str, Any] = {name: _listed(value) for name, value in lists.items() if value is not None}
    if vip is not None:
        rule["vip"] = vip
    if team is not None:
        rule["team"] = True if team is True else _listed(team)
    if device:
        rule["device"] = True
    return rule


def _listed(value: Any) -> list[Any]:
    return [value] if isinstance(value, str | int) else list(value)


def _names(description: dict[str, Any], profile: str | None, device_header: str) -> frozenset[str]:
    """The headers that verification reads, for servers that hand out no list of them."""
    chosen = profile or description["default_profile"]
    # Without a default, the library looks for a bearer token.
    places = description["profiles"][chosen]["token_from"] if chosen else ["bearer"]
    names = {device_header.lower()}
    for place in places:
        kind, _, name = place.partition(":")
        names.add({"bearer": "authorization", "cookie": "cookie"}.get(kind) or name.lower())
    return frozenset(names)


def _waits(description: dict[str, Any], profile: str | None) -> bool:
    """Whether verification may wait for a store."""
    profiles = description["profiles"]
    chosen = [profiles[profile]] if profile else profiles.values()
    return any(each["sessions"] or each["pats"] for each in chosen)


async def _in_a_thread(function: Callable[[], Claims]) -> Claims:
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        # Another kind of loop, such as Trio's.
        import anyio.to_thread

        return await anyio.to_thread.run_sync(function)
    return await loop.run_in_executor(None, function)
