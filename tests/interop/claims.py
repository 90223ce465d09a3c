"""The claims that all sides sign, and what each token is good for."""

import json

ISSUER = "https://issuer.example"
AUDIENCE = "https://api.example"
LIFETIME = 3600

# What JSON writers and readers disagree about, within what all of them can hold: JavaScript has
# no integers above 2^53 - 1.
RICH = {
    "sub": "user-42",
    "name": 'Zoë "the crab" \\ / \u0001 \u2028 \U0001f980 <&>',
    "scope": ["read", "write"],
    "roleId": 7,
    "vip": True,
    "deviceId": None,
    "nested": {"list": [1, [2, {"deep": "value"}]], "none": {}},
    "largest": 9007199254740991,
    "smallest": -9007199254740991,
    "ratio": 0.25,
    "empty": "",
    "größe": "a name that is not ASCII",
}


def valid_claims(now):
    times = {"iat": now, "nbf": now, "exp": now + LIFETIME}
    return {"iss": ISSUER, "aud": AUDIENCE, **times, **RICH}


def wanted_tokens(now):
    """Each token: its name, claims, whether it names its key, whether another key signs it, the
    code that it must be answered with, and the text to sign where it is not for the library to
    write. The valid one stands first."""
    valid = valid_claims(now)
    several = {**valid, "aud": ["https://other.example", AUDIENCE]}
    fractions = {**valid, "iat": now - 0.5, "exp": now + 1.5}
    no_audience = {name: value for name, value in valid.items() if name != "aud"}
    past = {"iat": now - LIFETIME, "nbf": now - LIFETIME, "exp": now - 1}
    return [
        wanted("valid", valid),
        wanted("several audiences", several),
        wanted("fractions of seconds", fractions),
        wanted("another audience", {**valid, "aud": "https://other.example"}, "INVALID_CLAIM"),
        wanted("no audience", no_audience, "INVALID_CLAIM"),
        wanted("another issuer", {**valid, "iss": ISSUER + "/"}, "INVALID_CLAIM"),
        wanted("expired", {**valid, **past}, "EXPIRED"),
        wanted("not yet valid", {**valid, "nbf": now + 60}, "NOT_YET_VALID"),
        wanted("another key, same kid", valid, "INVALID_SIGNATURE", stranger=True),
        wanted("valid, no kid", valid, kid=False),
        wanted("another key, no kid", valid, "INVALID_SIGNATURE", kid=False, stranger=True),
        # What no library writes by itself, and every one of them signs.
        {**wanted("over several lines", valid), "text": json.dumps(valid, indent="\t")},
        {**wanted("a member twice", valid, "MALFORMED"), "text": with_second_audience(valid)},
    ]


def with_second_audience(claims):
    return '{"aud": "https://other.example", ' + json.dumps(claims)[1:]


def wanted(name, claims, code="OK", kid=True, stranger=False):
    return {"name": name, "claims": claims, "code": code, "kid": kid, "stranger": stranger}
