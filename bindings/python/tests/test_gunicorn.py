"""gunicorn with four workers forked from a process that has made the verifier, under load."""

from __future__ import annotations

import http.client
import json
import os
import random
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import configuration, hs256, access
from issuer import Issuer

WORKERS = 4
SECONDS = 10.0
CLIENTS = 6


class Server:
    """A gunicorn of its own, on a port of its own."""

    def __init__(self, config: dict[str, Any]) -> None:
        listener = socket.create_server(("127.0.0.1", 0))
        self.port = listener.getsockname()[1]
        command = [
            *(sys.executable, "-m", "gunicorn", "gunicorn_app:app", "--preload", "--workers", str(WORKERS)),
            *("--worker-class", "gthread", "--threads", "3", "--bind", f"fd://{listener.fileno()}"),
            *("--log-level", "warning", "--no-control-socket"),
        ]
        self.process = subprocess.Popen(
            command,
            cwd=Path(__file__).parent,
            env={**os.environ, "TEST_CONFIG": json.dumps(config)},
            pass_fds=[listener.fileno()],
        )
        listener.close()

    def ask(self, token: str | None, connection: http.client.HTTPConnection | None = None) -> tuple[int, Any, Any]:
        mine = connection or http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        mine.request("GET", "/orders", headers={"Authorization": f"Bearer {token}"} if token else {})
        response = mine.getresponse()
        body = json.loads(response.read())
        if connection is None:
            mine.close()
        return response.status, body, response.headers

    def wait(self) -> None:
        end = time.monotonic() + 30
        while time.monotonic() < end and self.process.poll() is None:
            try:
                self.ask(None)
                return
            except OSError:
                time.sleep(0.05)
        pytest.fail("gunicorn did not start")

    def workers(self) -> list[int]:
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [int(pid) for pid in children.split()]

    def resident(self) -> dict[int, int]:
        page = os.sysconf("SC_PAGE_SIZE")
        return {pid: int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * page for pid in self.workers()}

    def close(self) -> None:
        self.process.terminate()
        self.process.wait(20)


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    issuer = Issuer()
    issuer.add_key("k1")
    issuer.add_key("k2")
    issuer.published = ["k1"]
    yield issuer
    issuer.close()


@pytest.fixture
def server(issuer: Issuer) -> Iterator[Server]:
    config = configuration(cache={"max_entries": 256})
    config["profiles"]["remote"] = {
        "algorithms": ["RS256"],
        "issuer": "https://issuer.example",
        "jwks": {"url": issuer.url, "unknown_kid_cooldown": "1s"},
        "cache": {"max_entries": 256},
    }
    config["default_profile"] = "api"
    config["issuers"] = {"https://issuer.example": "remote"}
    server = Server(config)
    try:
        server.wait()
        yield server
    finally:
        server.close()


def cases(issuer: Issuer) -> list[tuple[str | None, int, str]]:
    """Token, status, and the code or the subject."""
    remote = {"iss": "https://issuer.example"}
    good = [(hs256(access(sub=f"user-{n}")), 200, f"user-{n}") for n in range(600)]
    fetched = [(issuer.token("k1", sub=f"far-{n}", **remote), 200, f"far-{n}") for n in range(100)]
    bad: list[tuple[str | None, int, str]] = [
        (None, 401, "MISSING_TOKEN"),
        ("x", 401, "MALFORMED"),
        (good[0][0][:-6] + "AAAAAA", 401, "INVALID_SIGNATURE"),
        (hs256(access(exp=1)), 401, "EXPIRED"),
        (hs256(access(tokenType="refresh")), 403, "WRONG_TOKEN_KIND"),
        (issuer.token("k1", **{**remote, "exp": 1}), 401, "EXPIRED"),
    ]
    return [*good, *fetched, *bad * 20]


def load(server: Server, asked: list[tuple[str | None, int, str]], until: float, seed: int, seen: Counter[str]) -> None:
    order = random.Random(seed)
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    while time.monotonic() < until:
        token, status, what = order.choice(asked)
        found, body, headers = server.ask(token, connection)
        right = found == status and (body["claims"]["sub"] if status == 200 else body["code"]) == what
        seen["right" if right else f"{found} {body} for {status} {what}"] += 1
        seen[f"pid {headers['X-Pid']}"] += 1
        if order.random() < 0.01:
            connection.close()
    connection.close()


def until_all(server: Server, token: str, seconds: float) -> set[str]:
    """Asks until every worker has accepted the token; the workers that have."""
    accepted: set[str] = set()
    end = time.monotonic() + seconds
    while len(accepted) < WORKERS and time.monotonic() < end:
        status, body, headers = server.ask(token)
        assert status == 200 or body["code"] in ("UNKNOWN_KEY", "KEYS_UNAVAILABLE")
        if status == 200:
            accepted.add(headers["X-Pid"])
    return accepted


def test_four_workers_under_load(server: Server, issuer: Issuer) -> None:
    assert len(until_all(server, issuer.token("k1", iss="https://issuer.example"), 20)) == WORKERS
    _, _, headers = server.ask(None)
    assert headers["X-Made-By"] == str(server.process.pid)
    asked, seen = cases(issuer), Counter[str]()
    memory: list[dict[int, int]] = []
    start = time.monotonic()
    threads = [
        threading.Thread(target=load, args=(server, asked, start + SECONDS, seed, seen)) for seed in range(CLIENTS)
    ]
    for thread in threads:
        thread.start()
    while time.monotonic() < start + SECONDS:
        time.sleep(0.5)
        memory.append(server.resident())
    for thread in threads:
        thread.join()
    wrong = {what: count for what, count in seen.items() if what != "right" and not what.startswith("pid")}
    assert not wrong
    assert seen["right"] > 1000
    workers = {what for what in seen if what.startswith("pid")}
    assert len(workers) == WORKERS, "no worker was replaced, none was idle"
    settled, last = memory[len(memory) // 2], memory[-1]
    grown = {pid: last[pid] - settled[pid] for pid in last}
    print(f"{seen['right']} right answers; growth in the last half: {grown}")
    assert max(grown.values()) < 1 << 20

    # The children fetch by themselves what the issuer rotates after the fork.
    issuer.published = ["k2"]
    assert len(until_all(server, issuer.token("k2", iss="https://issuer.example"), 20)) == WORKERS
    status, body, _ = server.ask(issuer.token("k1", iss="https://issuer.example"))
    assert (status, body["code"]) == (401, "UNKNOWN_KEY")
