"""PyJWT's side: `mint` makes keys and tokens, `verify` judges tokens. JSON in, JSON out."""

import base64
import json
import secrets
import sys

import cryptography
import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import get_default_algorithms

CURVES = {"ES256": ec.SECP256R1, "ES384": ec.SECP384R1, "ES512": ec.SECP521R1}


def main():
    document = json.load(sys.stdin)
    answer = {"mint": mint, "verify": verify}[sys.argv[1]](document)
    json.dump(answer, sys.stdout)


def mint(request):
    return {
        "version": f"{jwt.__version__}, cryptography {cryptography.__version__}",
        "keys": [mint_key(alg, request["tokens"]) for alg in request["algorithms"]],
    }


def mint_key(alg, wanted):
    own, stranger = make_key(alg), make_key(alg)
    kid = f"pyjwt-{alg}"
    tokens = {
        token["name"]: sign(token, alg, kid, stranger if token["stranger"] else own)
        for token in wanted
    }
    return {"alg": alg, "kid": kid, "tokens": tokens, **describe(alg, kid, own)}


def sign(token, alg, kid, key):
    headers = {"kid": kid} if token["kid"] else None
    if "text" in token:
        return jwt.PyJWS().encode(token["text"].encode(), key, algorithm=alg, headers=headers)
    return jwt.encode(token["claims"], key, algorithm=alg, headers=headers)


def make_key(alg):
    if alg.startswith("HS"):
        return secrets.token_bytes(int(alg[2:]) // 8)
    if alg == "EdDSA":
        return ed25519.Ed25519PrivateKey.generate()
    if alg in CURVES:
        return ec.generate_private_key(CURVES[alg]())
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def describe(alg, kid, key):
    """What a verifier is given: the JWK as PyJWT writes it, and SPKI PEM or the secret."""
    library = get_default_algorithms()[alg]
    if isinstance(key, bytes):
        text = base64.urlsafe_b64encode(key).rstrip(b"=").decode()
        written = {"secret": text}
        public = key
    else:
        public = key.public_key()
        pem = public.public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        written = {"pem": pem.decode()}
    jwk = library.to_jwk(public, as_dict=True)
    return {"jwk": {**jwk, "kid": kid, "alg": alg}, **written}


def verify(document):
    rules = {"audience": document["audience"], "issuer": document["issuer"]}
    return [
        {
            **{"alg": key["alg"], "kid": key["kid"], "form": form, "name": name},
            **judge(token, material, key["alg"], rules),
        }
        for key in document["keys"]
        for form, material in materials(key)
        for name, token in key["tokens"].items()
    ]


def materials(key):
    yield "jwk", jwt.PyJWK.from_dict(key["jwk"], algorithm=key["alg"]).key
    if "pem" in key:
        yield "pem", key["pem"]
    if "private_pem" in key:
        private = serialization.load_pem_private_key(key["private_pem"].encode(), password=None)
        yield "private pem", private.public_key()
    if "secret" in key:
        yield "secret", base64.urlsafe_b64decode(key["secret"] + "==")


def judge(token, material, alg, rules):
    try:
        required = {"require": ["exp", "iat", "iss", "aud"]}
        claims = jwt.decode(token, material, algorithms=[alg], options=required, **rules)
        return {"code": "OK", "claims": claims}
    except jwt.InvalidTokenError as error:
        return {"code": code_of(error), "detail": repr(error)}


def code_of(error):
    # In this order: PyJWT derives some of these from one another.
    codes = [
        (jwt.ExpiredSignatureError, "EXPIRED"),
        (jwt.InvalidAudienceError, "INVALID_CLAIM"),
        (jwt.InvalidIssuerError, "INVALID_CLAIM"),
        (jwt.InvalidSignatureError, "INVALID_SIGNATURE"),
    ]
    return next((code for kind, code in codes if isinstance(error, kind)), "OTHER")


main()
