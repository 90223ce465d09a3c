"""Tokens that a library signed, verified by bearerd."""

import json
import string

from claims import AUDIENCE, ISSUER, LIFETIME, wanted_tokens

ALGORITHMS = [
    *("HS256", "HS384", "HS512"),
    *("RS256", "RS384", "RS512"),
    *("PS256", "PS384", "PS512"),
    *("ES256", "ES384", "ES512"),
    "EdDSA",
]
BASE64URL = string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_"


def check(tally, bearerd, peer, now, work):
    """One group for each algorithm, then one for all public keys in a set."""
    wanted = wanted_tokens(now)
    minted = peer.ask("mint", {"algorithms": ALGORITHMS, "tokens": wanted})
    folder = work / f"{peer.name}-signed"
    folder.mkdir()
    (folder / "minted.json").write_text(json.dumps(minted, indent=1))
    offered = {key["alg"]: key for key in minted["keys"]}
    title = f"{peer.name} {minted['version']} -> bearerd"
    for alg in ALGORITHMS:
        key = offered.get(alg)
        cases = of_key(bearerd, key, wanted, now, folder) if key else []
        tally.group(f"{title}: {alg}", cases)
    public = [key for key in minted["keys"] if "pem" in key]
    tally.group(f"{title}: a set of {len(public)} keys", of_set(bearerd, public, wanted, folder))


def of_key(bearerd, key, wanted, now, folder):
    """Cases (name, expected, actual) of one key, in each form that bearerd reads."""
    alg = key["alg"]
    valid = wanted[0]["claims"]

    def verify(token, form, at=now, algs=(alg,), audience=AUDIENCE):
        return bearerd.verify(token, form, algs, ISSUER, audience, at)

    for form_name, form, with_kid in forms(key, folder):
        for token in wanted:
            if token["kid"] and not with_kid:
                continue
            verdict = verify(key["tokens"][token["name"]], form)
            expected = token["claims"] if token["code"] == "OK" else token["code"]
            actual = verdict.get("claims") if verdict["code"] == "OK" else verdict["code"]
            yield f"{form_name}, {token['name']}", expected, actual
        good = key["tokens"]["valid" if with_kid else "valid, no kid"]
        for name, bad, code in damaged(good):
            yield f"{form_name}, {name}", code, verify(bad, form)["code"]
        yield f"{form_name}, clock of the machine", "OK", verify(good, form, at=None)["code"]
        last = valid["exp"] - 1
        yield f"{form_name}, last second", "OK", verify(good, form, at=last)["code"]
        yield f"{form_name}, at exp", "EXPIRED", verify(good, form, at=last + 1)["code"]
        stranger = verify(good, form, audience="https://elsewhere.example")["code"]
        yield f"{form_name}, audience asked for", "INVALID_CLAIM", stranger

    if alg[:2] in ("RS", "PS"):
        # The same RSA key, told to be for the other padding only.
        other = {"RS": "PS", "PS": "RS"}[alg[:2]] + alg[2:]
        verdict = verify(key["tokens"]["valid, no kid"], pem_form(key, folder), algs=(other,))
        yield f"pem, allowed {other} only", "UNSUPPORTED_ALG", verdict["code"]


def forms(key, folder):
    """(name, arguments, whether the form carries the kid)."""
    jwks = folder / f"{key['alg']}.jwks.json"
    jwks.write_text(json.dumps({"keys": [key["jwk"]]}))
    yield "jwks", ["--jwks", str(jwks)], True
    if "pem" in key:
        yield "pem", pem_form(key, folder), False
    if "secret" in key:
        yield "secret", ["--secret-b64url", key["secret"]], False


def pem_form(key, folder):
    pem = folder / f"{key['alg']}.pem"
    pem.write_text(key["pem"])
    return ["--pem", str(pem)]


def damaged(token):
    """The token with one character of its signature changed: (name, token, code)."""
    start = token.rindex(".") + 1
    signature = token[start:]
    for name, at in [("first", 0), ("middle", len(signature) // 2)]:
        yield f"{name} character changed", changed(token, start + at), "INVALID_SIGNATURE"
    # Where bits are left over, the change hits one of them: that is a second spelling of the
    # same signature, which lenient decoders take.
    code = "MALFORMED" if len(signature) % 4 else "INVALID_SIGNATURE"
    yield "last character changed", changed(token, len(token) - 1), code


def changed(token, at):
    other = BASE64URL[BASE64URL.index(token[at]) ^ 1]
    return token[:at] + other + token[at + 1 :]


def of_set(bearerd, keys, wanted, folder):
    """All public keys in one document, all tokens through one process."""
    jwks = folder / "all.jwks.json"
    jwks.write_text(json.dumps({"keys": [key["jwk"] for key in keys]}))
    algs = [key["alg"] for key in keys]
    names = [(key, token) for key in keys for token in wanted]
    tokens = [key["tokens"][token["name"]] for key, token in names]
    at = wanted[0]["claims"]["exp"] - LIFETIME
    verdicts = bearerd.verify_lines(tokens, ["--jwks", str(jwks)], algs, ISSUER, AUDIENCE, at)
    for (key, token), verdict in zip(names, verdicts):
        yield f"{key['alg']}, {token['name']}", token["code"], verdict["code"]
