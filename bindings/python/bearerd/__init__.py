"""bearerd verifies bearer tokens at the speed of a memory lookup.

>>> import bearerd
>>> verifier = bearerd.Verifier({
...     "profiles": {"api": {
...         "algorithms": ["HS256"],
...         "keys": [{"secret": "vRQJ8mTn0cWf5yB2xKqZ7hLpSd3gUeA1"}],
...         "sign": {},
...     }},
... })
>>> token = verifier.sign({"sub": "ada", "scope": "read:orders"})
>>> verifier.verify(token)["sub"]
'ada'
"""

from collections.abc import Mapping

from ._native import VERSION as __version__
from ._native import Claims, Guard, Verifier
from ._route import Route
from .errors import (
    AbiMismatchError,
    AccessError,
    BearerError,
    BufferTooSmallError,
    ConfigError,
    DecodeError,
    DeviceMismatchError,
    ExpiredSignatureError,
    ForbiddenError,
    HostRefusedError,
    ImmatureSignatureError,
    InternalError,
    InvalidAlgorithmError,
    InvalidAudienceError,
    InvalidClaimError,
    InvalidHandleError,
    InvalidIssuedAtError,
    InvalidIssuerError,
    InvalidJTIError,
    InvalidSignatureError,
    InvalidSubjectError,
    InvalidTokenError,
    InvalidUtf8Error,
    KeysUnavailableError,
    MisuseError,
    MissingRequiredClaimError,
    MissingTokenError,
    NoSuchClaimError,
    NotCachedError,
    NullPointerError,
    RateLimitedError,
    RequestError,
    ReusedTokenError,
    RevokedTokenError,
    SessionEndedError,
    StoreUnavailableError,
    TooLargeError,
    UnauthorizedError,
    UnavailableError,
    UnknownKeyError,
    ValidationError,
    WrongClaimTypeError,
    WrongTokenKindError,
)

# For isinstance, and for `match` with a mapping pattern.
Mapping.register(Claims)

__all__ = [
    "AbiMismatchError",
    "AccessError",
    "BearerError",
    "BufferTooSmallError",
    "Claims",
    "ConfigError",
    "DecodeError",
    "DeviceMismatchError",
    "ExpiredSignatureError",
    "ForbiddenError",
    "Guard",
    "HostRefusedError",
    "ImmatureSignatureError",
    "InternalError",
    "InvalidAlgorithmError",
    "InvalidAudienceError",
    "InvalidClaimError",
    "InvalidHandleError",
    "InvalidIssuedAtError",
    "InvalidIssuerError",
    "InvalidJTIError",
    "InvalidSignatureError",
    "InvalidSubjectError",
    "InvalidTokenError",
    "InvalidUtf8Error",
    "KeysUnavailableError",
    "MissingRequiredClaimError",
    "MissingTokenError",
    "MisuseError",
    "NoSuchClaimError",
    "NotCachedError",
    "NullPointerError",
    "RateLimitedError",
    "RequestError",
    "ReusedTokenError",
    "RevokedTokenError",
    "Route",
    "SessionEndedError",
    "StoreUnavailableError",
    "TooLargeError",
    "UnauthorizedError",
    "UnavailableError",
    "UnknownKeyError",
    "ValidationError",
    "Verifier",
    "WrongClaimTypeError",
    "WrongTokenKindError",
    "__version__",
]
