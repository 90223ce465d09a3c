"""What is in the wheel, and what the shared object shows and needs."""

from __future__ import annotations

import doctest
import re
import subprocess
from importlib.metadata import requires, version
from pathlib import Path

import bearerd
from bearerd import _native

PACKAGE = Path(bearerd.__file__).parent


def symbols(*options: str) -> list[str]:
    done = subprocess.run(["nm", *options, _native.__file__], check=True, capture_output=True, text=True)
    return [line.split()[-1] for line in done.stdout.splitlines()]


def test_it_is_the_installed_package() -> None:
    assert "site-packages" in str(PACKAGE)
    assert Path(_native.__file__).name == "_native.abi3.so"
    for name in ("py.typed", "_native.pyi"):
        assert (PACKAGE / name).exists()


def test_one_symbol_is_seen_from_outside() -> None:
    assert symbols("-D", "--defined-only", "--extern-only") == ["PyInit__native"]


def test_the_library_is_inside() -> None:
    assert not [symbol for symbol in symbols("-D", "--undefined-only") if symbol.startswith("bearerd_")]
    done = subprocess.run(["ldd", _native.__file__], check=True, capture_output=True, text=True)
    assert "bearerd" not in re.sub(r"\(.*?\)", "", done.stdout)


def test_no_undefined_symbol_is_outside_of_the_limited_api() -> None:
    """These of the private names are in the stable ABI: its macros stand for them."""
    private = {symbol for symbol in symbols("-D", "--undefined-only") if symbol.startswith("_Py")}
    objects = {f"_Py_{name}Struct" for name in ("None", "True", "False", "NotImplemented")}
    sized = {"_Py_BuildValue_SizeT", "_PyObject_CallMethod_SizeT", "_PyArg_ParseTupleAndKeywords_SizeT"}
    assert private <= objects | sized | {"_Py_Dealloc", "_PyObject_New"}


def test_version_is_that_of_the_distribution() -> None:
    assert bearerd.__version__ == version("bearerd")
    assert not requires("bearerd")


def test_docstrings_of_methods() -> None:
    for kind in (bearerd.Verifier, bearerd.Claims, bearerd.Guard):
        for name, method in vars(kind).items():
            if not name.startswith("_"):
                assert method.__doc__, f"{kind.__name__}.{name}"
    assert bearerd.Verifier.verify.__text_signature__.startswith("($self, token, *, profile=None")  # type: ignore[attr-defined]


def test_examples_of_the_readme_compile() -> None:
    readme = Path(__file__).parent.parent / "README.md"
    examples = re.findall(r"```python\n(.*?)```", readme.read_text(), re.DOTALL)
    assert len(examples) >= 6
    for example in examples:
        compile(example, str(readme), "exec")


def test_examples_of_the_docstrings() -> None:
    result = doctest.testmod(bearerd)
    assert result.attempted == 4 and result.failed == 0
