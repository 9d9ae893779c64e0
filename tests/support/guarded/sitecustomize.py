"""Start the network guard in every Python a test starts: conftest puts this folder on PYTHONPATH.

Python imports a module of this name at start-up, before any code of the program. The guard is
loaded from its file, because the checkout need not be on the path of that process, and under its
real name, so that a pytest worker, which starts this way too, does not get a second one.
"""

import importlib.util
import sys
from pathlib import Path

_NAME = "tests.support.network_guard"
_spec = importlib.util.spec_from_file_location(
    _NAME, Path(__file__).parent.parent / "network_guard.py"
)
if _spec is not None and _spec.loader is not None:
    _guard = importlib.util.module_from_spec(_spec)
    sys.modules[_NAME] = _guard
    _spec.loader.exec_module(_guard)
    _guard.install()
