"""The import contracts of pyproject.toml find what they are for: each is tried with a fault."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

IMPORTS = {
    "the core looks at the clock": ("bridge/core/clock.py", "import time"),
    "the core knows the machine": ("bridge/core/__init__.py", "import os"),
    "the calendar waits": ("scheduling/calendar/wait.py", "import asyncio"),
    "the core reads tables": ("bridge/core/read.py", "import storage.tables"),
    "a network knows another": ("adapters/telegram/parse.py", "import adapters.slack"),
    "a new network is in no contract": ("adapters/fax.py", ""),
    "a shared module knows a network": ("adapters/text.py", "import adapters.slack"),
    "an emulator knows another": ("adapters/emulators/slack.py", "import adapters.emulators.mail"),
    "an emulator knows what it stands for": (
        "adapters/emulators/slack.py",
        "import adapters.slack",
    ),
    "a network writes to the store": ("adapters/slack/send.py", "import storage.tables"),
    "a network calls the runtime": ("adapters/slack/send.py", "import bridge.runtime.handle"),
    "the runtime names a network": ("bridge/runtime/handle.py", "import adapters.slack"),
    "the store starts the program": ("storage/tables.py", "import bridge.app"),
}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny house with all rooms, in which imports can be planted."""
    root = tmp_path_factory.mktemp("house")
    for name in (
        *("bridge/core/clock.py", "bridge/core/read.py", "bridge/runtime/handle.py"),
        *("bridge/app.py", "bridge/web/app.py", "adapters/text.py", "adapters/emulators/mail.py"),
        *("adapters/telegram/parse.py", "adapters/slack/send.py", "storage/tables.py"),
        *("scheduling/calendar/wait.py", "bridge/cli/serve.py", "adapters/emulators/slack.py"),
    ):
        module = root / name
        module.parent.mkdir(parents=True, exist_ok=True)
        module.write_text("")
        for folder in module.relative_to(root).parents[:-1]:
            (root / folder / "__init__.py").write_text("")
    (root / "adapters/slack/send.py").write_text("import adapters.text\n")
    shutil.copy(ROOT / "pyproject.toml", root)
    return root


def lint_imports(house: Path) -> subprocess.CompletedProcess[str]:
    """Check the imports of a house; the folder itself has to be the path's first."""
    program = (
        "import sys; sys.path.insert(0, '.'); "
        "from importlinter.cli import lint_imports_command as check; check()"
    )
    return subprocess.run(
        [sys.executable, "-c", program, "--no-cache"],
        cwd=house,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_house_in_order_passes_the_import_rules(house: Path) -> None:
    done = lint_imports(house)
    assert done.returncode == 0, done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("fault", IMPORTS)
def test_an_import_that_goes_the_wrong_way_is_found(house: Path, fault: str) -> None:
    name, line = IMPORTS[fault]
    planted = house / name
    before = planted.read_text() if planted.exists() else None
    planted.write_text(f"{line}\n")
    try:
        done = lint_imports(house)
    finally:
        planted.unlink()
        if before is not None:
            planted.write_text(before)
    assert done.returncode == 1, done.stdout
    assert "BROKEN" in done.stdout
