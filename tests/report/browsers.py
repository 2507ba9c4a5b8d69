"""A headless Chromium, where there is one, with a fresh profile each time and nothing asked of the network."""

from __future__ import annotations

import shutil
import struct
import subprocess
import tempfile
import zlib
from pathlib import Path

PROGRAM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), ""
)
_FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--hide-scrollbars", "--enable-logging=stderr"),
    *("--host-resolver-rules=MAP * ~NOTFOUND", "--disable-features=NetworkTimeServiceQuerying"),
)


def browse(page: Path, *flags: str) -> subprocess.CompletedProcess[str]:
    """Open a page once, and end."""
    with tempfile.TemporaryDirectory(prefix="postmortem-sync-browser-", ignore_cleanup_errors=True) as profile:
        command = [PROGRAM, *_FLAGS, f"--user-data-dir={profile}", *flags, page.as_uri()]
        return subprocess.run(command, capture_output=True, text=True, timeout=90, check=True)


def console(done: subprocess.CompletedProcess[str]) -> list[str]:
    """What the page made the browser say: errors of scripts, and what its policy refused."""
    return [line for line in done.stderr.splitlines() if "CONSOLE" in line]


def picture(png: bytes) -> tuple[int, int, set[tuple[int, int, int]]]:
    """(width, height, the colours of its first row) of a PNG of eight bits."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    width, height, bits, kind = struct.unpack(">IIBB", png[16:26])
    assert bits == 8
    size = {2: 3, 6: 4}[kind]
    data, at = b"", 8
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        if png[at + 4 : at + 8] == b"IDAT":
            data += png[at + 8 : at + 8 + length]
        at += length + 12
    row = bytearray(zlib.decompressobj().decompress(data, 1 + width * size))
    filtered, row = row[0], row[1:]
    if filtered in (1, 4):
        # With nothing above, Paeth is the same as the difference to the left.
        for index in range(size, len(row)):
            row[index] = (row[index] + row[index - size]) % 256
    elif filtered == 3:
        for index in range(size, len(row)):
            row[index] = (row[index] + row[index - size] // 2) % 256
    return width, height, {(row[i], row[i + 1], row[i + 2]) for i in range(0, len(row), size)}
