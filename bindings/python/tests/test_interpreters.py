"""Subinterpreters that share the main interpreter's lock are supported; those with a lock of their
own are refused at the import."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from conftest import access, configuration, hs256

HERE = Path(__file__).parent

# Runs in a process of its own: an interpreter that goes wrong takes the process along.
SHARED = """
import gc, json, sys
try:
    import _interpreters as interpreters
    create = lambda: interpreters.create("legacy")
except ImportError:
    import _xxsubinterpreters as interpreters
    create = (lambda: interpreters.create(isolated=False)) if sys.version_info >= (3, 12) else interpreters.create
import bearerd

config, token = json.loads(sys.argv[1])
verifier = bearerd.Verifier(config)
claims = verifier.verify(token)
inner = f'''
import bearerd
verifier = bearerd.Verifier({config!r})
claims = verifier.verify({token!r})
assert claims is verifier.verify({token!r}) and claims["sub"] == "ada"
assert type(claims) is bearerd.Claims and id(type(claims)) != {id(bearerd.Claims)}
assert id(bearerd.DecodeError) != {id(bearerd.DecodeError)}
try:
    verifier.verify("x")
except bearerd.DecodeError as error:
    assert error.code == "MALFORMED"
else:
    raise AssertionError
'''
made = [create() for _ in range(3)]
for interpreter in made:
    problem = interpreters.run_string(interpreter, inner)
    assert problem is None, problem
    assert verifier.verify(token) is claims
for interpreter in made:
    interpreters.destroy(interpreter)
gc.collect()
for _ in range(20):
    interpreter = create()
    problem = interpreters.run_string(interpreter, inner)
    assert problem is None, problem
    interpreters.destroy(interpreter)
assert verifier.verify(token) is claims and claims["sub"] == "ada"
try:
    verifier.verify("x")
except bearerd.DecodeError:
    print("right")
"""

ISOLATED = """
import sys
try:
    import _interpreters as interpreters
    interpreter = interpreters.create("isolated")
except ImportError:
    import _xxsubinterpreters as interpreters
    interpreter = interpreters.create(isolated=True)
inner = '''
try:
    import bearerd
except ImportError as error:
    assert "subinterpreters" in str(error), error
else:
    raise AssertionError("imported")
'''
problem = interpreters.run_string(interpreter, inner)
assert problem is None, problem
print("right")
"""


def run(script: str, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "ignore", "-c", script, *arguments],
        capture_output=True,
        text=True,
        cwd=HERE,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_shared_lock() -> None:
    assert run(SHARED, json.dumps([configuration(), hs256(access())])) == "right\n"


# Before 3.12 all interpreters share one lock.
if sys.version_info >= (3, 12):

    def test_own_lock_is_refused() -> None:
        assert run(ISOLATED) == "right\n"
