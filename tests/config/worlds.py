"""Folders with settings in them, for tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.load import load
from config.settings import Settings
from sync.errors import SettingsError


def load_text(folder: Path, text: str, **environ: str) -> Settings:
    (folder / "sync.toml").write_text(text, encoding="utf-8")
    return load(None, environ, folder)


def refused(folder: Path, text: str, **environ: str) -> str:
    """What is said of the mistakes in these settings."""
    with pytest.raises(SettingsError) as caught:
        load_text(folder, text, **environ)
    assert caught.value.exit_status == 2
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    return str(caught.value)
