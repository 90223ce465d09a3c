"""Interleaved rounds in one process; the median of each contender's rounds."""

from __future__ import annotations

import argparse
import base64
import json
import os
import statistics
from collections.abc import Callable
from time import perf_counter_ns

import tokens
from contenders import Verify, assert_answers, contenders, refused_by

HOT = 1000


def timed(verify: Verify, headers: list[str], budget_ns: int) -> float:
    """Nanoseconds an iteration. The token is cut from its header each time: a str that is used twice
    keeps its hash, which flatters whoever caches by it."""
    calls, spent = 0, 0
    while spent < budget_ns:
        start = perf_counter_ns()
        for header in headers:
            verify(header[7:])
        spent += perf_counter_ns() - start
        calls += len(headers)
    return spent / calls


def measure(algorithm: str, make: Callable[[int], str], rounds: int, budget_ns: int) -> dict[str, float]:
    all_headers = ["Bearer " + make(number) for number in range(HOT)]
    rivals = contenders(algorithm)
    for name, verify in rivals.items():
        for header in (all_headers[0], all_headers[-1]):
            token = header[7:]
            number = 0 if header is all_headers[0] else HOT - 1
            expected = json.loads(payload(token))
            assert expected["sub"] == f"user-{number:08}"
            assert_answers(name, verify, token, expected)
    hot = {header: rivals["bearerd, cached"](header[7:]) for header in all_headers}
    assert all(rivals["bearerd, cached"](header[7:]) is claims for header, claims in hot.items()), "all are hits"
    # The slow ones are given fewer tokens, so that a round stays short.
    few = all_headers[:100]
    found: dict[str, list[float]] = {name: [] for name in ["loop and slice", *rivals]}
    for _ in range(rounds):
        found["loop and slice"].append(timed(str.__len__, all_headers, budget_ns))
        for name, verify in rivals.items():
            headers = all_headers if name == "bearerd, cached" else few
            found[name].append(timed(verify, headers, budget_ns))
    record(f"Python: {algorithm}", found)
    return {name: statistics.median(values) for name, values in found.items()}


def record(group: str, found: dict[str, list[float]]) -> None:
    """Keeps figures for the report: one line of JSON each, in the file that BEARERD_BENCH_RECORD names."""
    path = os.environ.get("BEARERD_BENCH_RECORD")
    if not path:
        return
    with open(path, "a") as file:
        for name, values in found.items():
            print(json.dumps({"group": group, "name": name, "unit": "ns", "rounds": values}), file=file)


def payload(token: str) -> bytes:
    part = token.split(".")[1]
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def report(algorithm: str, found: dict[str, float]) -> None:
    cached, cold = found["bearerd, cached"], found["bearerd, cold"]
    print(f"\n{algorithm}: nanoseconds an iteration, and how often bearerd does it meanwhile")
    print(f"{'':18}{'ns':>10}{'cached':>10}{'cold':>10}")
    for name, value in found.items():
        ratios = "" if name == "loop and slice" else f"{value / cached:>10.1f}{value / cold:>10.2f}"
        print(f"{name:18}{value:>10.0f}{ratios}")


def raising(rounds: int, budget_ns: int) -> None:
    """What an attacker causes: a good token with another signature."""
    rivals = contenders("HS256")
    forged = ["Bearer " + tokens.hs256(number)[:-8] + "AAAAAAAA" for number in range(100)]
    found: dict[str, list[float]] = {name: [] for name in rivals}
    for _ in range(rounds):
        for name, verify in rivals.items():

            def call(token: str, verify: Verify = verify) -> bool:
                return refused_by(verify, token)

            assert call(forged[0][7:])
            found[name].append(timed(call, forged, budget_ns))  # type: ignore[arg-type]
    report("HS256, forged", {name: statistics.median(values) for name, values in found.items()})


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--milliseconds", type=int, default=150, help="of each contender in each round")
    given = parser.parse_args()
    budget_ns = given.milliseconds * 1_000_000
    lengths = len(tokens.hs256(0)), len(tokens.rs256(0))
    print(f"tokens of {lengths[0]} (HS256) and {lengths[1]} (RS256) characters; {given.rounds} rounds")
    report("HS256", measure("HS256", tokens.hs256, given.rounds, budget_ns))
    report("RS256", measure("RS256", tokens.rs256, given.rounds, budget_ns))
    raising(given.rounds, budget_ns)


if __name__ == "__main__":
    main()
