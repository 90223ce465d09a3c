import os
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal, TypedDict, final

from .errors import BearerError

VERSION: str

_Text = str | bytes
_Kind = Literal["access", "refresh"]
_AnyKind = Literal["access", "refresh", "any"]

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

@final
class Claims(Mapping[str, Any]):
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
