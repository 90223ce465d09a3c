"""Authlib and requests-oauthlib, as they are, refresh, introspect and revoke at the sidecar.

    clients.py BEARERD FOLDER

The last line is `N passed, N failed`.
"""

import hashlib
import json
import os
import pathlib
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import authlib
import requests_oauthlib
from authlib.integrations.base_client.errors import OAuthError as AuthlibError
from authlib.integrations.requests_client import OAuth2Session as Authlib
from oauthlib.oauth2 import InvalidGrantError, LegacyApplicationClient
from requests.auth import HTTPBasicAuth
from requests_oauthlib import OAuth2Session as RequestsOauthlib

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from tally import Tally

# oauthlib refuses plain HTTP unless it is told that this is a test.
os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"
CLIENT, SECRET = "shop", secrets.token_hex(32)
CONTROL = secrets.token_hex(32)
PORT_WAIT = 30


class Sidecar:
    """A sidecar of its own folder; the operator signs through its control token."""

    def __init__(self, binary, folder):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.url = f"http://127.0.0.1:{free_port()}"
        file = self.folder / "bearerd.toml"
        file.write_text(self.configuration())
        environment = {**os.environ, "BEARERD_CONTROL_TOKEN": CONTROL}
        self.process = subprocess.Popen([binary, "serve", "--config", file], env=environment)
        self.wait()

    def configuration(self):
        return f"""
[server]
listen = ["{self.url.removeprefix("http://")}"]
oauth_issuer = "{self.url}"
log = "warn"

[[server.oauth_clients]]
id = "{CLIENT}"
secret_sha256 = "{hashlib.sha256(SECRET.encode()).hexdigest()}"

[profiles.main]
algorithms = ["HS256"]
issuer = "{self.url}"
audience = "api"
claims = {{ kind = {{ claim = "kind" }} }}
keys = [{{ secret = "{secrets.token_hex(32)}" }}]
sign = {{}}
rotation = {{ grace = "0s" }}
"""

    def wait(self):
        end = time.monotonic() + PORT_WAIT
        while True:
            try:
                return urllib.request.urlopen(self.url + "/readyz", timeout=5).close()
            except urllib.error.URLError:
                if self.process.poll() is not None or time.monotonic() > end:
                    raise RuntimeError("the sidecar does not answer")
                time.sleep(0.02)

    def metadata(self):
        path = "/.well-known/oauth-authorization-server"
        with urllib.request.urlopen(self.url + path, timeout=5) as response:
            return json.load(response)

    def pair(self):
        body = {"kind": "pair", "claims": {"sub": "ada", "scope": "read write"}}
        request = urllib.request.Request(
            self.url + "/v1/sign",
            json.dumps(body).encode(),
            {"Content-Type": "application/json", "Authorization": f"Bearer {CONTROL}"},
        )
        with urllib.request.urlopen(request, timeout=5) as response:
            signed = json.load(response)
        return {
            "access_token": signed["access"],
            "refresh_token": signed["refresh"],
            "token_type": "Bearer",
        }

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=PORT_WAIT)


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def of_authlib(sidecar):
    ends = sidecar.metadata()
    token = sidecar.pair()
    client = Authlib(CLIENT, SECRET, token_endpoint_auth_method="client_secret_basic")

    def introspect(text):
        answer = client.introspect_token(ends["introspection_endpoint"], token=text)
        return answer.json()

    def refresh(text, **more):
        return client.refresh_token(ends["token_endpoint"], refresh_token=text, **more)

    def error(text, **more):
        try:
            refresh(text, **more)
        except AuthlibError as error:
            return error.error
        return None

    told = introspect(token["access_token"])
    yield "an access token is active", True, told["active"]
    yield "it is described", ("ada", "read write"), (told["sub"], told["scope"])
    yield "too wide a scope", "invalid_scope", error(token["refresh_token"], scope="admin")
    new = refresh(token["refresh_token"])
    yield "a pair is given", ("Bearer", 900), (new["token_type"], new["expires_in"])
    yield "the new token is active", True, introspect(new["access_token"])["active"]
    narrow = refresh(new["refresh_token"], scope="read")
    yield "a narrower scope", "read", introspect(narrow["access_token"])["scope"]
    hint = {"token_type_hint": "access_token"}
    gone = client.revoke_token(ends["revocation_endpoint"], narrow["access_token"], **hint)
    yield "a revocation is answered", 200, gone.status_code
    yield "a revoked token is not active", {"active": False}, introspect(narrow["access_token"])
    gone = client.revoke_token(ends["revocation_endpoint"], "nobody.knows.it")
    yield "an unknown token is no error", 200, gone.status_code
    yield "a spent token", "invalid_grant", error(token["refresh_token"])
    stranger = Authlib(CLIENT, "wrong", token_endpoint_auth_method="client_secret_basic")
    answer = stranger.introspect_token(ends["introspection_endpoint"], token="x")
    yield "a wrong secret", (401, "invalid_client"), (answer.status_code, answer.json()["error"])


def of_requests_oauthlib(sidecar):
    ends = sidecar.metadata()
    token = sidecar.pair()
    auth = HTTPBasicAuth(CLIENT, SECRET)
    session = RequestsOauthlib(client=LegacyApplicationClient(CLIENT), token=token)
    new = session.refresh_token(ends["token_endpoint"], auth=auth)
    yield "a pair is given", ("Bearer", 900), (new["token_type"], new["expires_in"])
    yield "its scope is understood", ["read", "write"], sorted(new.scopes)
    answer = session.post(
        ends["introspection_endpoint"],
        data={"token": new["access_token"]},
        auth=auth,
        withhold_token=True,
    )
    yield "the new token is active", True, answer.json()["active"]
    client = LegacyApplicationClient(CLIENT)
    url, headers, body = client.prepare_token_revocation_request(
        ends["revocation_endpoint"].replace("http://", "https://"),
        new["refresh_token"],
        token_type_hint="refresh_token",
    )
    answer = session.post(
        url.replace("https://", "http://"), data=body, headers=headers, auth=auth, withhold_token=True
    )
    yield "a revocation is answered", 200, answer.status_code
    try:
        session.refresh_token(ends["token_endpoint"], refresh_token=new["refresh_token"], auth=auth)
        error = None
    except InvalidGrantError as refused:
        error = refused.error
    yield "a revoked refresh token", "invalid_grant", error


def main():
    sidecar = Sidecar(sys.argv[1], sys.argv[2])
    tally = Tally()
    try:
        for name, version, cases in [
            ("Authlib", authlib.__version__, of_authlib),
            ("requests-oauthlib", requests_oauthlib.__version__, of_requests_oauthlib),
        ]:
            tally.group(f"{name} {version}", cases(sidecar))
    finally:
        sidecar.stop()
    return tally.close()


sys.exit(main())
