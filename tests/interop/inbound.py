"""Tokens that a library signed, verified by bearerd."""

import base64
import json

from algorithms import ALGORITHMS
from claims import valid_claims, wanted_tokens
from damage import damaged


def check(tally, bearerd, peer, now, work):
    """One group for each algorithm, then one for all public keys in a set."""
    wanted = wanted_tokens(now)
    minted = peer.ask("mint", {"algorithms": ALGORITHMS, "tokens": wanted})
    folder = work / f"{peer.name}-signed"
    folder.mkdir()
    (folder / "minted.json").write_text(json.dumps(minted, indent=1))
    offered = {key["alg"]: key for key in minted["keys"]}
    title = f"{peer.name} ({minted['version']}) -> bearerd"
    for alg in ALGORITHMS:
        key = offered.get(alg)
        cases = of_key(bearerd, key, wanted, now, folder) if key else []
        tally.group(f"{title}, {alg}", cases)
    public = [key for key in minted["keys"] if "pem" in key]
    cases = of_set(bearerd, public, wanted, now, folder)
    tally.group(f"{title}, a set of {len(public)} keys", cases)


def of_key(bearerd, key, wanted, now, folder):
    """Cases (name, expected, actual) of one key, in each form that bearerd reads."""
    alg = key["alg"]
    tokens = [(w["name"], key["tokens"][w["name"]], expectation(w)) for w in wanted]
    good = key["tokens"]["valid"]
    tokens += damaged(good)
    for form, arguments in forms(key, folder):
        texts = [token for _, token, _ in tokens]
        verdicts = bearerd.verify_lines(texts, arguments, [alg], at=now)
        for (name, _, expected), verdict in zip(tokens, verdicts):
            yield f"{form}, {name}", expected, said(verdict)

    end = valid_claims(now)["exp"]
    for name, expected, options in [
        ("by the machine's clock", "OK", {}),
        ("in its last second", "OK", {"at": end - 1}),
        ("at exp", "EXPIRED", {"at": end}),
        ("another audience asked for", "INVALID_CLAIM", {"at": now, "audience": "elsewhere"}),
    ]:
        yield name, expected, bearerd.verify(good, arguments, [alg], **options)["code"]

    if alg[:2] in ("RS", "PS"):
        # The same RSA key, told to be for the other padding only.
        other = {"RS": "PS", "PS": "RS"}[alg[:2]] + alg[2:]
        verdict = bearerd.verify(good, pem_form(key, folder), [other], at=now)
        yield f"{other} alone allowed", "UNSUPPORTED_ALG", verdict["code"]


def of_set(bearerd, keys, wanted, now, folder):
    """All public keys in one document, all tokens through one process."""
    jwks = folder / "all.jwks.json"
    jwks.write_text(json.dumps({"keys": [key["jwk"] for key in keys]}))
    algs = [key["alg"] for key in keys]
    tokens = [(key, token) for key in keys for token in wanted]
    texts = [key["tokens"][token["name"]] for key, token in tokens]
    verdicts = bearerd.verify_lines(texts, ["--jwks", str(jwks)], algs, at=now)
    for (key, token), verdict in zip(tokens, verdicts):
        yield f"{key['alg']}, {token['name']}", expectation(token), said(verdict)


def expectation(token):
    """The code, or where the token is good the claims, every one as it was signed."""
    return token["claims"] if token["code"] == "OK" else token["code"]


def said(verdict):
    return verdict.get("claims") if verdict["code"] == "OK" else verdict["code"]


def forms(key, folder):
    """The ways to hand over the key: (name, arguments)."""
    jwks = folder / f"{key['alg']}.jwks.json"
    jwks.write_text(json.dumps({"keys": [key["jwk"]]}))
    yield "jwks", ["--jwks", str(jwks)]
    if not key["alg"].startswith("HS"):
        yield "pem", pem_form(key, folder)
    else:
        yield "secret", ["--secret-b64url", key["secret"]]
        file = folder / f"{key['alg']}.secret"
        secret = base64.urlsafe_b64decode(key["secret"] + "==")
        # One line end is not the secret's; with it, a secret may end in any byte.
        file.write_bytes(secret + b"\r\n")
        yield "secret file", ["--secret-file", str(file)]


def pem_form(key, folder):
    pem = folder / f"{key['alg']}.pem"
    pem.write_text(key["pem"])
    return ["--pem", str(pem)]
