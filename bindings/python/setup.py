"""Builds the extension: C over bearerd.h, with libbearerd.a inside.

The library is found in $LIBBEARERD_PREFIX, else by pkg-config.
"""

import os
import subprocess
import sys
from pathlib import Path

from setuptools import Extension, setup

HERE = Path(__file__).parent


def pkg_config(*arguments: str) -> list[str]:
    command = ["pkg-config", *arguments, "bearerd"]
    try:
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    except (OSError, subprocess.CalledProcessError) as error:
        sys.exit(f"libbearerd is not found: set LIBBEARERD_PREFIX, or PKG_CONFIG_PATH for {command}: {error}")


def places() -> tuple[Path, Path]:
    """Where the header and the static library are."""
    prefix = os.environ.get("LIBBEARERD_PREFIX")
    if prefix:
        return Path(prefix, "include"), Path(prefix, "lib", "libbearerd.a")
    [include] = pkg_config("--variable=includedir")
    [lib] = pkg_config("--variable=libdir")
    return Path(include), Path(lib, "libbearerd.a")


include, library = places()
for needed in (include / "bearerd.h", library):
    if not needed.exists():
        sys.exit(f"libbearerd is not found: there is no {needed}")

# Of the shared object's symbols, none but the module's own is seen from outside: a process may hold
# another libbearerd.
if sys.platform == "darwin":
    link = ["-Wl,-exported_symbol,_PyInit__native", "-Wl,-dead_strip"]
else:
    link = ["-Wl,--exclude-libs,ALL", "-Wl,--gc-sections", "-Wl,-z,relro,-z,now"]

setup(
    ext_modules=[
        Extension(
            "bearerd._native",
            sources=sorted(str(path.relative_to(HERE)) for path in HERE.glob("src/*.c")),
            depends=[*sorted(str(path.relative_to(HERE)) for path in HERE.glob("src/*.h")), str(library)],
            include_dirs=[str(include)],
            extra_objects=[str(library)],
            libraries=[] if sys.platform == "darwin" else ["pthread", "dl", "m"],
            extra_compile_args=["-std=c11", "-O2", "-fvisibility=hidden", "-Wall", "-Wextra", "-Werror=implicit"],
            extra_link_args=link,
            py_limited_api=True,
        )
    ],
    options={"bdist_wheel": {"py_limited_api": "cp310"}},
)
