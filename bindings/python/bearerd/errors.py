"""Exceptions, named as PyJWT names them where it has one: one class a code.

Each class carries the row of the library's table: ``code`` (``"EXPIRED"``), ``number`` (500),
``status`` (401, the HTTP status; 0 where there is none) and ``message``, one sentence that a client
may be told. ``str(error)`` says more, for the operator: which claim, which part, what was wrong in
the configuration. Neither holds a token, a secret or a claim's value.
"""

from __future__ import annotations

from typing import ClassVar


class BearerError(Exception):
    """Whatever bearerd refuses."""

    # All but `number` are filled in from the library's table when it is loaded, so that there is
    # one table.
    number: ClassVar[int] = 0
    code: ClassVar[str] = ""
    status: ClassVar[int] = 0
    message: ClassVar[str] = ""


# Verdicts on a token: 401


class InvalidTokenError(BearerError):
    """The token is not accepted."""


class MissingTokenError(InvalidTokenError):
    """There is no token where the profile looks."""

    number = 200


class DecodeError(InvalidTokenError):
    """The token is no compact JWS, or there are two that differ."""

    number = 201


class InvalidAlgorithmError(InvalidTokenError):
    """The profile does not allow the token's algorithm."""

    number = 300


class UnknownKeyError(InvalidTokenError):
    """No key fits the token."""

    number = 301


class InvalidSignatureError(DecodeError):
    """The signature does not verify."""

    number = 400


class ExpiredSignatureError(InvalidTokenError):
    """The token has expired."""

    number = 500


class ImmatureSignatureError(InvalidTokenError):
    """``nbf`` or ``iat`` lies in the future."""

    number = 501


class InvalidClaimError(InvalidTokenError):
    """A claim is absent, of the wrong type, or not as expected."""

    number = 502


class InvalidIssuerError(InvalidClaimError):
    """``iss`` is not an issuer of the profile."""


class InvalidAudienceError(InvalidClaimError):
    """``aud`` does not hold an audience of ours."""


class InvalidSubjectError(InvalidClaimError):
    """``sub`` is not acceptable."""


class InvalidIssuedAtError(InvalidClaimError):
    """``iat`` is no date."""


class InvalidJTIError(InvalidClaimError):
    """``jti`` is not acceptable."""


class MissingRequiredClaimError(InvalidClaimError):
    """A claim that the profile requires is absent."""


class RevokedTokenError(InvalidTokenError):
    """The token was revoked."""

    number = 700


class SessionEndedError(InvalidTokenError):
    """The token's session has ended."""

    number = 701


class ReusedTokenError(InvalidTokenError):
    """The refresh token was spent already; its family is revoked."""

    number = 702


# Verdicts on what a good token grants: 403


class AccessError(BearerError):
    """The token holds, and does not suffice."""


class ForbiddenError(AccessError):
    """A guard refused."""

    number = 600


class DeviceMismatchError(AccessError):
    """The token belongs to another device."""

    number = 601


class WrongTokenKindError(AccessError):
    """A refresh token where an access token is due, or the reverse."""

    number = 602


# We cannot tell: 503


class UnavailableError(BearerError):
    """Nothing can be said of the token now."""


class KeysUnavailableError(UnavailableError):
    """The keys were never loaded, or are too old to trust."""

    number = 302


class StoreUnavailableError(UnavailableError):
    """The store of revocations does not answer."""

    number = 800


# The request or the configuration


class RequestError(BearerError):
    """What was asked is not right in itself."""


class ValidationError(RequestError):
    """An argument is not valid; ``str(error)`` names it."""

    number = 900


class RateLimitedError(RequestError):
    """Too many requests."""

    number = 902


class UnauthorizedError(RequestError):
    """The control token is missing or wrong."""

    number = 903


class HostRefusedError(RequestError):
    """The request names a host or origin that is not served."""

    number = 904


class TooLargeError(RequestError):
    """The request is too large."""

    number = 905


class ConfigError(BearerError):
    """The configuration is wrong; ``str(error)`` names the file, line and key."""

    number = 901


# Defects: of this package, which uses the library wrongly, or of the library


class MisuseError(BearerError):
    """The library was called wrongly."""


class NullPointerError(MisuseError):
    """A pointer was null."""

    number = 100


class InvalidUtf8Error(MisuseError):
    """Text was not UTF-8."""

    number = 101


class InvalidHandleError(MisuseError):
    """A handle was not valid."""

    number = 102


class AbiMismatchError(MisuseError):
    """Package and library are of different ABI versions."""

    number = 103


class BufferTooSmallError(MisuseError):
    """A buffer was too small."""

    number = 104


class NoSuchClaimError(MisuseError):
    """There is no such claim."""

    number = 105


class WrongClaimTypeError(MisuseError):
    """The claim is of another type."""

    number = 106


class NotCachedError(MisuseError):
    """The cache does not hold the token."""

    number = 107


class InternalError(BearerError):
    """A defect of ours."""

    number = 999


def _numbered(base: type[BearerError]) -> dict[int, type[BearerError]]:
    found: dict[int, type[BearerError]] = {}
    for row in base.__subclasses__():
        if "number" in vars(row):
            found[row.number] = row
        found.update(_numbered(row))
    return found


#: The class of each code, by its number
BY_NUMBER: dict[int, type[BearerError]] = _numbered(BearerError)

#: The class of INVALID_CLAIM for a claim, by the name that the library gives it
BY_CLAIM: dict[str, type[InvalidClaimError]] = {
    "iss": InvalidIssuerError,
    "aud": InvalidAudienceError,
    "sub": InvalidSubjectError,
    "iat": InvalidIssuedAtError,
    "jti": InvalidJTIError,
    "required claim": MissingRequiredClaimError,
}
