"""The `bearerd` binary, as a person at a shell uses it."""

import json
import subprocess


class Bearerd:
    def __init__(self, binary):
        self.binary = binary

    def verify(self, token, key, algs, issuer, audience, at=None):
        """The verdict on one token, as its JSON line has it. `key` holds the arguments that name
        the key. The token goes in by standard input, as `-`."""
        arguments = self._verify_arguments(key, algs, issuer, audience, at)
        return self._verdicts([*arguments, "-"], [token])[0]

    def verify_lines(self, tokens, key, algs, issuer, audience, at=None):
        """The verdicts on many tokens in one process."""
        arguments = self._verify_arguments(key, algs, issuer, audience, at)
        return self._verdicts([*arguments, "--lines"], tokens)

    @staticmethod
    def _verify_arguments(key, algs, issuer, audience, at):
        arguments = ["token", "verify", *key, "--alg", ",".join(algs)]
        arguments += ["--iss", issuer, "--aud", audience, "--leeway", "0s"]
        return arguments if at is None else [*arguments, "--at", str(at)]

    def _verdicts(self, arguments, tokens):
        done = self.run(arguments, "".join(token + "\n" for token in tokens))
        try:
            verdicts = [json.loads(line) for line in done.stdout.splitlines()]
        except ValueError:
            verdicts = []
        if len(verdicts) != len(tokens):
            said = (done.stderr or done.stdout).strip()
            return [{"code": f"exit {done.returncode}: {said}"}] * len(tokens)
        every_one = all(verdict.get("code") == "OK" for verdict in verdicts)
        if done.returncode != (0 if every_one else 1):
            return [{"code": f"{v.get('code')} but exit {done.returncode}"} for v in verdicts]
        return verdicts

    def run(self, arguments, text=""):
        return subprocess.run(
            [self.binary, *arguments], input=text, capture_output=True, text=True, timeout=60
        )
