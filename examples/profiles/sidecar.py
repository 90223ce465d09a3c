"""A bearerd sidecar for the length of a play, and HTTP to its two planes. Python's own library only."""

import base64
import contextlib
import hashlib
import hmac
import http.client
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent


class Answer:
    """What came back: `status`, `headers`, and the body as JSON where it is any."""

    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        body = response.read()
        is_json = response.headers.get("Content-Type", "").startswith("application/json")
        self.json = json.loads(body) if is_json else None

    @property
    def code(self):
        return "OK" if self.status == 200 else (self.json or {}).get("code", self.headers.get("X-Bearerd-Code"))


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=30)
        self._path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


class Sidecar:
    """`bearerd serve`, on a free port and with a control socket of its own."""

    def __init__(self, folder, config=None, **variables):
        self.folder = Path(folder)
        self._control = str(self.folder / "control.sock")
        # Nothing of the caller's own set-up: the play must say all there is to say.
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("BEARERD_", "JWT_"))}
        server = {
            "BEARERD_SERVER__LISTEN": '["127.0.0.1:0"]',
            "BEARERD_SERVER__CONTROL_SOCKET": self._control,
            "BEARERD_LOG": "info",
        }
        arguments = ["serve"] if config is None else ["serve", "--config", str(config)]
        self._process = subprocess.Popen(
            [binary(), *arguments],
            env={**clean, **server, **variables},
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )
        self.port = self._listening()

    def _listening(self):
        said = []
        for line in self._process.stderr:
            said.append(line)
            plain = re.sub(r"\x1b\[[0-9;]*m", "", line)
            found = re.search(r"listening.*127\.0\.0\.1:(\d+)", plain)
            if found:
                # What it says later must not fill the pipe.
                threading.Thread(target=self._process.stderr.read, daemon=True).start()
                return int(found[1])
        sys.exit(f"play: bearerd does not start:\n{''.join(said)}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.terminate()
        try:
            self._process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def data(self, method, path, body=None, headers=()):
        return self._ask(http.client.HTTPConnection("127.0.0.1", self.port, timeout=30), method, path, body, headers)

    def control(self, path, body, headers=()):
        return self._ask(UnixConnection(self._control), "POST", path, body, headers)

    def _ask(self, connection, method, path, body, headers):
        sent = dict(headers)
        if body is not None:
            sent["Content-Type"] = "application/json"
            body = json.dumps(body)
        try:
            connection.request(method, path, body, sent)
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def verify(self, token, **more):
        return self.data("POST", "/v1/verify", {"token": token, **more})

    def sign(self, kind, claims, **more):
        answer = self.control("/v1/sign", {"kind": kind, "claims": claims, **more})
        expect(f"sign {kind}", answer.code, "OK")
        return answer.json


def binary():
    """The bearerd to play with: $BEARERD, a build of this checkout, or the one of the PATH."""
    builds = [HERE.parent.parent / "target" / build / "bearerd" for build in ("release", "debug")]
    found = os.environ.get("BEARERD") or next((str(b) for b in builds if b.exists()), None) or shutil.which("bearerd")
    if not found:
        sys.exit("play: bearerd is missing: build it with `cargo build --features server`, or set BEARERD to it")
    return found


def expect(what, actual, expected):
    if actual != expected:
        sys.exit(f"play: FAILED: {what}: {actual!r}, not {expected!r}")
    print(f"  {what}: {actual}")


def poll(ask, what):
    """What `ask` gives once it gives something; what happens in the background, or ends, takes a while."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        found = ask()
        if found:
            return found
        time.sleep(0.05)
    sys.exit(f"play: FAILED: {what}: not within a minute")


def flow(title):
    print(f"\n{title}")


def new_secret():
    """A secret of this run; nothing secret is kept in the examples."""
    return base64.urlsafe_b64encode(os.urandom(48)).decode().rstrip("=")


def hmac_token(secret, claims, alg="HS256", **header):
    """A token as an older service, or an attacker, would make it: signed outside of bearerd."""
    def part(value):
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    signed = f"{part({'alg': alg, 'typ': 'JWT', **header})}.{part(claims)}"
    digest = {"HS256": hashlib.sha256, "HS512": hashlib.sha512}.get(alg)
    if digest is None:
        return signed + "."
    mac = hmac.new(secret.encode(), signed.encode(), digest).digest()
    return f"{signed}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"


def play(name, flows, secret_variable, stores=("sqlite",), **variables):
    """Runs flows against the example's own bearerd.toml, first checked as an operator would; once on
    each of `stores`, or of those that the command line names."""
    config = HERE / name / "bearerd.toml"
    secret = new_secret()
    variables = {secret_variable: secret, **variables}
    checked = subprocess.run(
        [binary(), "check", "--config", str(config)],
        env={**os.environ, **variables}, capture_output=True, encoding="utf-8",
    )
    flow(f"{name}: bearerd check --config {config.relative_to(HERE)}")
    expect("exit status", checked.returncode, 0)
    for kind in sys.argv[1:] or stores:
        with tempfile.TemporaryDirectory(prefix=f"bearerd-{name}-") as folder, store(kind, folder) as state:
            if state is None:
                print(f"\n{name}, on {kind}: NOT PLAYED: set REDIS_URL, or install redis-server")
                continue
            there = {"BEARERD_STATE": state}
            if "\n[audit]" in config.read_text():
                there["BEARERD_AUDIT__FILE"] = f"{folder}/audit.db"
            stage = Stage(folder, config, secret, {**variables, **there})
            for each in flows:
                flow(f"{name}, on {kind}: {each.__doc__.strip()}")
                with stage.start() as sidecar:
                    each(sidecar, stage)
            print(f"\n{name}, on {kind}: every answer was as it should be ({len(flows)} flows)")


@contextlib.contextmanager
def store(kind, folder):
    """Where state is kept for the length of a play; None where there is no Redis and none was asked for."""
    if kind == "sqlite":
        yield f"sqlite:{folder}/state.db"
    elif kind != "redis":
        sys.exit(f"play: {kind!r} is no store; say sqlite or redis")
    elif os.environ.get("REDIS_URL"):
        yield os.environ["REDIS_URL"]
    elif shutil.which("redis-server"):
        socket_file = f"{folder}/redis.sock"
        options = ["--port", "0", "--unixsocket", socket_file, "--dir", folder]
        options += ["--appendonly", "yes", "--appendfsync", "always"]
        server = subprocess.Popen(["redis-server", *options], stdout=subprocess.DEVNULL)
        try:
            poll(lambda: os.path.exists(socket_file), "redis-server listens")
            yield f"unix://{socket_file}"
        finally:
            server.terminate()
            server.wait()
    elif sys.argv[1:]:
        sys.exit("play: there is no Redis: set REDIS_URL, or install redis-server")
    else:
        yield None


class Stage:
    """What the flows of a play share: its secret, its folder, and how its sidecar is started."""

    def __init__(self, folder, config, secret, variables):
        self.folder, self.config, self.secret, self.variables = folder, config, secret, variables

    def start(self, **more):
        return Sidecar(self.folder, self.config, **{**self.variables, **more})

    def token(self, claims, alg="HS256", **header):
        return hmac_token(self.secret, claims, alg, **header)


def now():
    return int(time.time())
