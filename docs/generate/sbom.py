"""Writes the list of what is shipped as CycloneDX: the lock file by its own tool, with what that cannot know added."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from docs.generate.licences import LOCK, licence
from sync import __version__

TOOL = Path(sys.executable).with_name("cyclonedx-py")


def bill() -> dict[str, Any]:
    """The document. Raises CalledProcessError when the tool refuses the lock file."""
    project = LOCK.with_name("pyproject.toml")
    options = ["--pyproject", str(project), "--mc-type", "application", "--output-reproducible", "--of", "JSON"]
    command = [sys.executable, "-W", "ignore", str(TOOL), "requirements", *options, str(LOCK)]
    made: dict[str, Any] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    root = made["metadata"]["component"]
    root |= {"version": __version__, "purl": f"pkg:pypi/postmortem-sync@{__version__}"}
    for component in made["components"]:
        component.pop("description", None)
        if words := licence(component["name"]):
            expression = " OR " in words or " AND " in words
            component["licenses"] = [{"expression": words} if expression else {"license": {"name": words}}]
    parts = sorted(component["bom-ref"] for component in made["components"])
    others = [entry for entry in made.get("dependencies", []) if entry["ref"] != root["bom-ref"]]
    made["dependencies"] = [{"ref": root["bom-ref"], "dependsOn": parts}, *others]
    return made


def main(place: Path) -> None:
    """Write it into a file, its folder made when missing."""
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(json.dumps(bill(), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
