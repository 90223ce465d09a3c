"""Tokens that bearerd signed, verified by a library."""

import json

from algorithms import ALGORITHMS
from claims import AUDIENCE, ISSUER, LIFETIME, RICH
from damage import changed

# What the signer sets for itself; its times are looked at one by one.
OWN = {"iat", "exp", "jti"}


def sign(bearerd, work):
    """Makes keys and tokens of every algorithm: what all peers are then asked about. Each
    algorithm has two keys, one for each format that keygen writes."""
    folder = work / "bearerd-signed"
    folder.mkdir()
    keys = []
    for alg in ALGORITHMS:
        formats = ["base64url", "jwk"] if alg.startswith("HS") else ["pem", "jwk"]
        pair = [sign_with(bearerd, alg, format, folder) for format in formats]
        for key, other in [pair, reversed(pair)]:
            key["tokens"]["another key"] = other["tokens"]["valid"]
        keys += pair
    document = {"issuer": ISSUER, "audience": AUDIENCE, "keys": keys}
    (folder / "signed.json").write_text(json.dumps(document, indent=1))
    return document


def sign_with(bearerd, alg, format, folder):
    name = f"{alg}-{format}"
    file = folder / name
    bearerd.text("keygen", "--alg", alg, "--format", format, "--out", str(file))
    written = file.read_text()
    source = {"pem": "pem_file", "jwk": "jwk_file"}.get(format)
    place = {source: str(file)} if source else {"secret_base64url": written.strip()}
    config = folder / f"{name}.config.json"
    profile = {
        "algorithms": [alg],
        "keys": [{"kid": name, **place}],
        "issuer": ISSUER,
        "audience": AUDIENCE,
        "sign": {"access": f"{LIFETIME}s"},
    }
    elsewhere = {**profile, "audience": "https://other.example"}
    profiles = {"here": profile, "elsewhere": elsewhere}
    config.write_text(json.dumps({"default_profile": "here", "profiles": profiles}))

    def token(profile):
        arguments = ["--config", str(config), "--profile", profile, "--claims", "-"]
        return bearerd.text("token", "sign", *arguments, text=json.dumps(RICH))

    valid = token("here")
    middle = (valid.rindex(".") + len(valid)) // 2
    tokens = {
        "valid": valid,
        "another audience": token("elsewhere"),
        "a changed signature": changed(valid, middle),
    }
    key = {"alg": alg, "kid": name, "format": format, "tokens": tokens}
    if alg.startswith("HS"):
        jwk = json.loads(written) if format == "jwk" else {"kty": "oct", "k": written.strip()}
        return {**key, "jwk": jwk, "secret": jwk["k"]}
    arguments = ["--alg", alg, "--kid", name, f"--{format}", str(file)]
    key["jwk"] = json.loads(bearerd.text("jwks", *arguments))["keys"][0]
    return {**key, "private_pem": written} if format == "pem" else key


EXPECTED = {
    "valid": "OK",
    "another audience": "INVALID_CLAIM",
    "a changed signature": "INVALID_SIGNATURE",
    "another key": "INVALID_SIGNATURE",
}


def check(tally, peer, document):
    """One group for each algorithm."""
    verdicts = peer.ask("verify", document)
    for alg in ALGORITHMS:
        asked = sorted(title for key in document["keys"] if key["alg"] == alg for title in titles(key))
        of_alg = [verdict for verdict in verdicts if verdict["alg"] == alg]
        cases = [case for verdict in of_alg for case in of_verdict(verdict)]
        cases.append(("a verdict on each token", asked, sorted(map(title_of, of_alg))))
        tally.group(f"bearerd -> {peer.name}, {alg}", cases)


def titles(key):
    forms = {"jwk": "jwk", "private_pem": "private pem", "secret": "secret"}
    for member, form in forms.items():
        for name in key["tokens"] if member in key else []:
            yield title_of({"kid": key["kid"], "form": form, "name": name})


def title_of(verdict):
    return f"{verdict['kid']} as {verdict['form']}, {verdict['name']}"


def of_verdict(verdict):
    """Cases (name, expected, actual) of one token under one form of a key."""
    name = title_of(verdict)
    actual = verdict["code"] if verdict["code"] != "OTHER" else verdict["detail"]
    yield name, EXPECTED[verdict["name"]], actual
    if verdict["code"] == "OK":
        claims = verdict["claims"]
        others = {member: value for member, value in claims.items() if member not in OWN}
        yield f"{name}, claims", {**RICH, "iss": ISSUER, "aud": AUDIENCE}, others
        yield f"{name}, lifetime", LIFETIME, claims["exp"] - claims["iat"]
        yield f"{name}, jti", True, len(claims["jti"]) > 20
