"""The action's script in a real clone with a real remote: what it runs, commits, pushes and says."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "config" / "deploy" / "github" / "action.sh"
TEXT = "# Outage\n\n## Action items\n\n- [ ] Add an alert\n"


def git(folder: Path, *arguments: str) -> str:
    command = ["git", "-C", str(folder), "-c", "user.name=Ana", "-c", "user.email=ana@example.com", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@dataclass
class Job:
    """One job of a workflow: a clone, and the files that GitHub offers to a step."""

    folder: Path

    @property
    def origin(self) -> Path:
        return self.folder / "origin.git"

    @property
    def clone(self) -> Path:
        return self.folder / "clone"

    def run(self, **inputs: str) -> subprocess.CompletedProcess[str]:
        # No identity and no settings of whoever runs the tests.
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "GIT_CONFIG_NOSYSTEM": "1",
            "SYNC": str(Path(sys.executable).with_name("sync")),
            "SYNC_STATE__URL": f"sqlite:///{self.folder}/state/journal.db",
            "SYNC_GITHUB__TOKEN": "",
            "PUSH": "true",
            "GITHUB_REF_NAME": "main",
            "GITHUB_OUTPUT": str(self.folder / "output"),
            "GITHUB_STEP_SUMMARY": str(self.folder / "summary"),
        }
        command = ["bash", str(SCRIPT)]
        return subprocess.run(
            command, cwd=self.clone, env=environment | inputs, capture_output=True, text=True, timeout=60, check=False
        )

    def pushed(self, path: str = "docs/a.md") -> str:
        return git(self.origin, "show", f"main:{path}")


@pytest.fixture
def job(tmp_path: Path) -> Job:
    made = Job(tmp_path)
    git(tmp_path, "init", "-q", "--bare", "-b", "main", str(made.origin))
    git(tmp_path, "clone", "-q", str(made.origin), str(made.clone))
    git(made.clone, "checkout", "-q", "-b", "main")
    (made.clone / "docs").mkdir()
    (made.clone / "docs" / "a.md").write_text(TEXT, encoding="utf-8")
    (made.clone / "sync.toml").write_text('[sources.docs]\npath = "docs"\n', encoding="utf-8")
    commit(made.clone)
    return made


def commit(folder: Path) -> None:
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "an edit")
    git(folder, "push", "-q", "origin", "main")


def test_what_is_written_back_is_committed_and_pushed(job: Job) -> None:
    done = job.run()
    assert done.returncode == 0, done.stdout + done.stderr
    assert "LOCAL-1" in job.pushed()
    assert git(job.origin, "log", "-1", "--format=%an", "main") == "postmortem-sync\n"
    assert (job.folder / "output").read_text() == "exit-status=0\n"
    assert "1 created" in (job.folder / "summary").read_text()
    head = git(job.origin, "rev-parse", "main")
    assert job.run().returncode == 0
    assert git(job.origin, "rev-parse", "main") == head


def test_a_push_of_somebody_else_meanwhile_is_kept(job: Job) -> None:
    other = job.folder / "other"
    git(job.folder, "clone", "-q", str(job.origin), str(other))
    (other / "README.md").write_text("somebody's work\n", encoding="utf-8")
    commit(other)
    assert job.run().returncode == 0
    assert "LOCAL-1" in job.pushed()
    assert job.pushed("README.md") == "somebody's work\n"


def test_a_conflict_is_told_and_the_next_run_heals_it(job: Job) -> None:
    other = job.folder / "other"
    git(job.folder, "clone", "-q", str(job.origin), str(other))
    (other / "docs" / "a.md").write_text(TEXT + "- [ ] Move the disk\n", encoding="utf-8")
    commit(other)
    done = job.run()
    assert done.returncode == 1
    assert "were not pushed" in done.stdout
    assert "LOCAL" not in job.pushed()
    git(job.clone, "reset", "-q", "--hard", "origin/main")
    assert job.run().returncode == 0
    assert "Add an alert ([LOCAL-1](local:LOCAL-1))\n- [ ] Move the disk ([LOCAL-2]" in job.pushed()


def test_a_dry_run_and_the_doctor_push_nothing(job: Job) -> None:
    done = job.run(DRY_RUN="true")
    assert done.returncode == 0
    assert "nothing was written" in done.stdout
    assert job.run(COMMAND="doctor").returncode == 0
    assert job.pushed() == TEXT


def test_only_the_documents_that_are_named(job: Job) -> None:
    (job.clone / "docs" / "b c.md").write_text(TEXT, encoding="utf-8")
    commit(job.clone)
    assert job.run(POSTMORTEM="docs/b c.md\n").returncode == 0
    assert "LOCAL-1" in job.pushed("docs/b c.md")
    assert job.pushed() == TEXT


def test_an_input_is_never_code(job: Job) -> None:
    assert job.run(COMMAND="run; touch pwned").returncode == 2
    assert job.run(POSTMORTEM="$(touch pwned)\n`touch pwned`").returncode == 2
    assert (job.folder / "output").read_text().splitlines()[-1] == "exit-status=2"
    assert not list(job.folder.rglob("pwned"))
