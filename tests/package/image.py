"""A Dockerfile's instructions, and those of its build stage carried out in a folder instead of an image."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Instruction:
    """`name` in capitals; `stage` counted from 0."""

    stage: int
    name: str
    rest: str


def instructions() -> list[Instruction]:
    """Those of the Dockerfile, line continuations joined."""
    text = re.sub(r"(?m)^#.*\n", "", (ROOT / "Dockerfile").read_text("utf-8"))
    found: list[Instruction] = []
    stage = -1
    for line in re.sub(r"\\\n\s*", " ", text).splitlines():
        name, _, rest = line.strip().partition(" ")
        stage += name == "FROM"
        if name:
            found.append(Instruction(stage, name, rest.strip()))
    return found


@dataclass(slots=True)
class Built:
    """A build stage: `root` stands for /, `work` for its working directory."""

    root: Path
    work: Path


def build(folder: Path) -> Built:
    """Carry out the first stage: what it copies, and every command as it is written."""
    built = Built(folder, folder / "build")
    for one in (one for one in instructions() if one.stage == 0):
        if one.name == "WORKDIR":
            built.work = folder / one.rest.lstrip("/")
            built.work.mkdir(parents=True)
        elif one.name == "COPY":
            *names, target = shlex.split(one.rest)
            for name in names:
                _copy(ROOT / name, built.work / target / (name if target == "./" else ""))
        elif one.name == "RUN":
            _run(one.rest, built)
    return built


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copy(source, target)


def _run(command: str, built: Built) -> None:
    here = re.sub(r"(?<![\w/])/opt/", f"{built.root}/opt/", command)
    here = re.sub(r"(?<![\w/.-])python ", f"{shlex.quote(sys.executable)} ", here)
    done = subprocess.run(["sh", "-ec", here], cwd=built.work, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
