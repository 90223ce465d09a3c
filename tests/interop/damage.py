"""Tokens that are wrong in one character."""

import string

BASE64URL = string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_"


def damaged(token):
    """The token with one character of its signature changed: (name, token, code)."""
    start = token.rindex(".") + 1
    length = len(token) - start
    yield "first character changed", changed(token, start), "INVALID_SIGNATURE"
    yield "middle character changed", changed(token, start + length // 2), "INVALID_SIGNATURE"
    # Where bits are left over, the change hits one of them: that is a second spelling of the
    # same signature, which lenient decoders take.
    code = "MALFORMED" if length % 4 else "INVALID_SIGNATURE"
    yield "last character changed", changed(token, len(token) - 1), code


def changed(token, at):
    other = BASE64URL[BASE64URL.index(token[at]) ^ 1]
    return token[:at] + other + token[at + 1 :]
