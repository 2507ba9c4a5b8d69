"""The tests. What is set here holds for every process of a test run, before anything else is imported."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

_MEMORY = Path("/dev/shm")
_ROOM = 2 * 1024**3

if sys.dont_write_bytecode and not sys.pycache_prefix:
    # Hundreds of processes would each compile every module again: it is kept beside pytest's own cache instead.
    sys.dont_write_bytecode = False
    sys.pycache_prefix = str(Path(__file__).parent.parent / ".pytest_cache" / "bytecode")
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["PYTHONPYCACHEPREFIX"] = sys.pycache_prefix

if os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free > _ROOM:
    # Journals wait for the disk at each commit, and nothing of a test has to outlive the machine.
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(_MEMORY))
