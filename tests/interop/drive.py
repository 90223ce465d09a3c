"""Every library's tokens go to bearerd, and bearerd's tokens to every library.

A library is a peer: a command that reads JSON and answers JSON, with `mint` (makes keys and signs
the tokens it is asked for) and `verify` (judges tokens under keys). What is expected is said here,
once for all peers.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import time

import inbound
import outbound
from bearerd import Bearerd
from tally import Tally


class Peer:
    def __init__(self, name, command):
        self.name = name
        self.command = command

    def ask(self, what, document):
        """The peer's answer; a RuntimeError with its last words where it has none."""
        done = subprocess.run(
            [*self.command, what],
            input=json.dumps(document),
            capture_output=True,
            text=True,
            timeout=300,
        )
        if done.returncode != 0:
            raise RuntimeError(f"{what} exited with {done.returncode}: {done.stderr.strip()}")
        return json.loads(done.stdout)


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--bearerd", required=True)
    options.add_argument("--work", required=True, type=pathlib.Path)
    options.add_argument("--peer", nargs="+", action="append", default=[], help="name command...")
    options = options.parse_args()

    bearerd = Bearerd(options.bearerd)
    peers = [Peer(name, command) for name, *command in options.peer]
    now = int(time.time())
    tally = Tally()
    for peer in peers:
        attempt(tally, peer.name, lambda: inbound.check(tally, bearerd, peer, now, options.work))
    if peers:
        document = attempt(tally, "bearerd", lambda: outbound.sign(bearerd, options.work))
        for peer in peers if document else []:
            attempt(tally, peer.name, lambda: outbound.check(tally, peer, document))
    return tally.close()


def attempt(tally, who, step):
    """Carries the step out. Where it comes to no end, that is a failed case, and others go on."""
    try:
        return step()
    except (RuntimeError, ValueError, LookupError, subprocess.TimeoutExpired) as error:
        tally.group(who, [("does what it is asked for", "an answer", repr(error))])
        return None


sys.exit(main())
