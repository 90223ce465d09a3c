"""The `bearerd` binary, as a person at a shell uses it."""

import json
import subprocess

from claims import AUDIENCE, ISSUER


class Bearerd:
    def __init__(self, binary):
        self.binary = binary

    def verify(self, token, key, algs, audience=AUDIENCE, at=None):
        """The verdict on one token, as its JSON line has it. `key` holds the arguments that name
        the key. The token goes in by standard input, as `-`."""
        return self._verdicts([token], ["-", *key], algs, audience, at)[0]

    def verify_lines(self, tokens, key, algs, audience=AUDIENCE, at=None):
        """The verdicts on many tokens, in one process."""
        return self._verdicts(tokens, ["--lines", *key], algs, audience, at)

    def _verdicts(self, tokens, arguments, algs, audience, at):
        arguments = ["token", "verify", *arguments, "--alg", ",".join(algs), "--iss", ISSUER]
        arguments += ["--aud", audience, "--leeway", "0s"]
        if at is not None:
            arguments += ["--at", str(at)]
        done = self._run(arguments, "".join(token + "\n" for token in tokens))
        try:
            # Not splitlines(): claims may hold what Python takes for the end of a line.
            verdicts = [json.loads(line) for line in done.stdout.split("\n") if line]
        except ValueError:
            verdicts = []
        if len(verdicts) != len(tokens):
            said = (done.stderr or done.stdout).strip()
            return [{"code": f"exit {done.returncode}: {said}"}] * len(tokens)
        good = all(verdict.get("code") == "OK" for verdict in verdicts)
        if done.returncode != (0 if good else 1):
            return [{"code": f"{v.get('code')} but exit {done.returncode}"} for v in verdicts]
        return verdicts

    def text(self, *arguments, text=""):
        """What the command prints; a RuntimeError with its last words where it fails."""
        done = self._run(arguments, text)
        if done.returncode != 0:
            command = " ".join(arguments)
            raise RuntimeError(f"{command}: exit {done.returncode}: {done.stderr.strip()}")
        return done.stdout.rstrip("\n")

    def _run(self, arguments, text):
        return subprocess.run(
            [self.binary, *arguments],
            input=text,
            capture_output=True,
            encoding="utf-8",
            timeout=60,
        )
