import os
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal, TypedDict, final

from ._route import Route
from .errors import BearerError

VERSION: str

_Text = str | bytes
_Kind = Literal["access", "refresh"]
_AnyKind = Literal["access", "refresh", "pat", "any"]

class _Pair(TypedDict):
    access: str
    access_expires_at: int | None
    refresh: str
    refresh_expires_at: int | None

class _Rotated(_Pair):
    payload: dict[str, Any]

class _Stats(TypedDict):
    slots: int
    hits: int
    misses: int
    inserts: int
    not_kept: int
    evicted: int
    entries: int
    bytes: int
    revocations: int

class _Session(TypedDict):
    sid: str
    subject: str
    attributes: dict[str, Any]
    created_at: int
    renewed_at: int
    expires_at: int

class _SignedInAlone(TypedDict):
    sid: str
    expires_at: int

class _SignedIn(_SignedInAlone, total=False):
    access: str
    access_expires_at: int | None
    refresh: str
    refresh_expires_at: int | None

class _CreatedPat(TypedDict):
    token: str
    id: str
    expires_at: int | None

class _Pat(TypedDict):
    id: str
    subject: str
    description: str
    scopes: list[str]
    claims: dict[str, Any]
    created_at: int
    expires_at: int | None
    last_used_at: int | None
    last_used_from: str | None

class _Pats(TypedDict):
    pats: list[_Pat]
    next: str | None

@final
class Claims(Mapping[str, Any]):
    @property
    def session(self) -> Claims | None: ...
    @property
    def context(self) -> Claims | None: ...
    def to_dict(self) -> dict[str, Any]: ...
    def get(self, name: str, default: Any = None, /) -> Any: ...
    def __getitem__(self, name: str, /) -> Any: ...
    def __iter__(self) -> Iterator[str]: ...
    def __len__(self) -> int: ...
    def __copy__(self) -> Claims: ...
    def __deepcopy__(self, memo: object, /) -> Claims: ...

@final
class Guard:
    def __new__(cls, rule: Mapping[str, Any] | _Text) -> Guard: ...

@final
class Verifier:
    def __new__(cls, config: str | dict[str, Any]) -> Verifier: ...
    @classmethod
    def from_file(cls, path: str | bytes | os.PathLike[str] | os.PathLike[bytes], /) -> Verifier: ...
    @classmethod
    def from_env(cls) -> Verifier: ...
    def verify(
        self,
        token: _Text,
        *,
        profile: str | None = None,
        guard: Guard | str | None = None,
        audience: str | None = None,
        device: _Text | None = None,
        kind: _AnyKind | None = None,
    ) -> Claims: ...
    def verify_authorization(
        self,
        value: _Text | None,
        *,
        profile: str | None = None,
        guard: Guard | str | None = None,
        audience: str | None = None,
        device: _Text | None = None,
        kind: _AnyKind | None = None,
    ) -> Claims: ...
    def verify_headers(
        self,
        headers: Iterable[tuple[_Text, _Text]],
        *,
        profile: str | None = None,
        guard: Guard | str | None = None,
        audience: str | None = None,
        device: _Text | None = None,
        kind: _AnyKind | None = None,
    ) -> Claims: ...
    def lookup_headers(
        self,
        headers: Iterable[tuple[_Text, _Text]],
        *,
        profile: str | None = None,
        guard: Guard | str | None = None,
        audience: str | None = None,
        device: _Text | None = None,
        kind: _AnyKind | None = None,
    ) -> Claims | None: ...
    def route(self, method: _Text | None, target: _Text) -> Route: ...
    def verify_many(
        self,
        tokens: Iterable[_Text],
        *,
        profile: str | None = None,
        guard: Guard | str | None = None,
        audience: str | None = None,
        device: _Text | None = None,
        kind: _AnyKind | None = None,
    ) -> list[Claims | BearerError]: ...
    def explain(
        self,
        token: _Text,
        *,
        profile: str | None = None,
        guard: Guard | str | None = None,
        audience: str | None = None,
        device: _Text | None = None,
        kind: _AnyKind | None = None,
    ) -> dict[str, Any]: ...
    def sign(
        self,
        claims: Mapping[str, Any] | _Text,
        *,
        kind: _Kind = "access",
        profile: str | None = None,
        ttl: str | int | None = None,
    ) -> str: ...
    def sign_pair(
        self,
        claims: Mapping[str, Any] | _Text,
        *,
        profile: str | None = None,
        ttl: str | int | None = None,
    ) -> _Pair: ...
    def rotate(
        self,
        refresh: _Text,
        *,
        profile: str | None = None,
        ttl: str | int | None = None,
        set: Mapping[str, Any] | None = None,
        remove: Iterable[str] | None = None,
    ) -> _Rotated: ...
    def sign_in(
        self,
        subject: _Text,
        *,
        kind: Literal["none", "access", "pair"] = "none",
        profile: str | None = None,
        attributes: Mapping[str, Any] | None = None,
        claims: Mapping[str, Any] | None = None,
        ttl: str | int | None = None,
        lifetime: str | int | None = None,
    ) -> _SignedIn: ...
    def get_session(self, sid: _Text, *, profile: str | None = None) -> _Session | None: ...
    def list_sessions(self, subject: _Text, *, profile: str | None = None) -> list[_Session]: ...
    def end_session(self, sid: _Text, *, profile: str | None = None) -> bool: ...
    def end_sessions(self, subject: _Text, *, profile: str | None = None, except_sid: str | None = None) -> int: ...
    def change_session(
        self,
        sid: _Text,
        *,
        profile: str | None = None,
        set: Mapping[str, Any] | None = None,
        remove: Iterable[str] | None = None,
    ) -> _Session | None: ...
    def change_sessions(
        self,
        subject: _Text,
        *,
        profile: str | None = None,
        set: Mapping[str, Any] | None = None,
        remove: Iterable[str] | None = None,
    ) -> list[_Session]: ...
    def create_pat(
        self,
        subject: _Text,
        *,
        profile: str | None = None,
        description: str | None = None,
        scopes: Iterable[str] | None = None,
        claims: Mapping[str, Any] | None = None,
        ttl: str | int | None = None,
    ) -> _CreatedPat: ...
    def list_pats(self, subject: _Text, *, profile: str | None = None, after: str | None = None) -> _Pats: ...
    def revoke_pat(self, id: _Text, *, profile: str | None = None) -> bool: ...
    def revoke_pat_token(self, token: _Text, *, profile: str | None = None) -> bool: ...
    def revoke_pats(self, subject: _Text, *, profile: str | None = None) -> int: ...
    def revoke_token(self, token: _Text, *, profile: str | None = None) -> None: ...
    def revoke_handle(self, handle: _Text, *, profile: str | None = None) -> None: ...
    def revoke_family(self, family: _Text, *, profile: str | None = None) -> None: ...
    def revoke_subject(
        self, subject: _Text, *, profile: str | None = None, issued_before: int | None = None
    ) -> None: ...
    def replace_keys(self, keys: Mapping[str, Any] | _Text, *, profile: str | None = None) -> None: ...
    def reload_keys(self) -> None: ...
    def jwks(self) -> dict[str, Any]: ...
    def describe(self) -> dict[str, Any]: ...
    def stats(self, *, profile: str | None = None) -> _Stats: ...
