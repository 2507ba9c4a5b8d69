"""What lies in config/deploy is valid for the tools that will read it, keeps to its rules, and names real settings."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import kubernetes_validate
import pytest
import yaml

from config.load import load
from sync import __version__
from sync.commands.arguments import parse_arguments

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "config" / "deploy"
BIN = Path(sys.executable).parent
SYSTEMD = shutil.which("systemd-analyze")


def documents(name: str = "cronjob") -> list[dict[str, Any]]:
    return list(yaml.safe_load_all((DEPLOY / "kubernetes" / f"{name}.yaml").read_text("utf-8")))


def the(kind: str) -> dict[str, Any]:
    (found,) = [document for document in documents() if document["kind"] == kind]
    return found


def accepted(folder: Path, variables: dict[str, str], **secrets: str) -> None:
    """These variables and secret files are settings of ours, every one."""
    for name, value in secrets.items():
        (folder / name).write_text(value, encoding="utf-8")
    ours = {name: value for name, value in variables.items() if name.startswith("SYNC_") and name != "SYNC_CONFIG"}
    load(None, ours | {"SYNC_SECRETS_DIR": str(folder)}, folder)


class TestKubernetes:
    @pytest.mark.parametrize("version", ["1.27", "1.37"])
    @pytest.mark.parametrize("name", ["cronjob", "workers"])
    def test_every_document_is_what_the_server_expects(self, name: str, version: str) -> None:
        for document in documents(name):
            kubernetes_validate.validate(document, version, strict=True)

    def test_the_job_is_bounded_alone_and_without_rights(self) -> None:
        job = the("CronJob")["spec"]
        pod = job["jobTemplate"]["spec"]["template"]["spec"]
        (container,) = pod["containers"]
        assert job["concurrencyPolicy"] == "Forbid"
        assert job["jobTemplate"]["spec"]["backoffLimit"] == 0
        assert pod["restartPolicy"] == "Never"
        assert pod["automountServiceAccountToken"] is False
        assert pod["securityContext"]["runAsNonRoot"]
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert container["resources"].keys() == {"requests", "limits"}
        assert container["image"].endswith(f":{__version__}")

    def test_it_runs_as_the_image_does_and_finds_everything_where_it_is_mounted(self, tmp_path: Path) -> None:
        pod = the("CronJob")["spec"]["jobTemplate"]["spec"]["template"]["spec"]
        (container,) = pod["containers"]
        image = (ROOT / "Dockerfile").read_text("utf-8")
        assert f"USER {pod['securityContext']['runAsUser']}:{pod['securityContext']['runAsGroup']}" in image
        mounts = {mount["mountPath"]: mount["name"] for mount in container["volumeMounts"]}
        assert mounts.keys() == {
            "/etc/postmortem-sync",
            "/run/secrets/postmortem-sync",
            "/var/lib/postmortem-sync",
            "/tmp",
        }
        assert set(mounts.values()) == {volume["name"] for volume in pod["volumes"]}
        variables = {entry["name"]: entry["value"] for entry in container["env"]}
        assert variables["SYNC_SECRETS_DIR"] in mounts
        assert variables["SYNC_STATE__URL"].startswith("sqlite:////var/lib/postmortem-sync/")
        (tmp_path / "sync.toml").write_text(the("ConfigMap")["data"]["sync.toml"], encoding="utf-8")
        accepted(tmp_path, variables, github__token="t" * 20)


@pytest.mark.skipif(SYSTEMD is None, reason="systemd-analyze is not installed")
class TestWorkers:
    @pytest.mark.parametrize("part", ["worker", "serve"])
    def test_they_are_bounded_without_rights_and_find_everything(self, part: str, tmp_path: Path) -> None:
        (one,) = [document for document in documents("workers") if document["metadata"]["name"].endswith(f"-{part}")]
        pod = one["spec"]["template"]["spec"]
        assert one["spec"]["selector"]["matchLabels"] == one["spec"]["template"]["metadata"]["labels"]
        job = the("CronJob")["spec"]["jobTemplate"]["spec"]["template"]["spec"]
        (container,), (single,) = pod["containers"], job["containers"]
        for key in ("image", "securityContext"):
            assert container[key] == single[key]
        assert container["resources"].keys() == {"requests", "limits"}
        assert pod["automountServiceAccountToken"] is False
        assert pod["securityContext"]["runAsUser"] == job["securityContext"]["runAsUser"]
        assert {mount["name"] for mount in container["volumeMounts"]} == {volume["name"] for volume in pod["volumes"]}
        options = parse_arguments(container["args"])
        assert options.command == part
        assert options.config.startswith(container["volumeMounts"][0]["mountPath"] + "/")
        (tmp_path / "sync.toml").write_text(the("ConfigMap")["data"]["sync.toml"], encoding="utf-8")
        variables = {entry["name"]: entry["value"] for entry in container["env"]}
        url = "postgresql://sync:secret@db.example/sync"
        accepted(tmp_path, variables, github__token="t" * 20, github__webhook_secret="w" * 20, state__url=url)

    def test_the_service_leads_to_the_receiver(self) -> None:
        found = {document["metadata"]["name"]: document for document in documents("workers")}
        pod = found["postmortem-sync-serve"]["spec"]["template"]
        assert found["postmortem-sync"]["spec"]["selector"] == pod["metadata"]["labels"]
        (container,) = pod["spec"]["containers"]
        (port,) = container["ports"]
        assert parse_arguments(container["args"]).port == port["containerPort"]
        assert {
            container[probe]["httpGet"]["port"] for probe in ("startupProbe", "livenessProbe", "readinessProbe")
        } == {port["name"]}


class TestSystemd:
    @pytest.fixture
    def units(self, tmp_path: Path) -> Path:
        for unit in (DEPLOY / "systemd").iterdir():
            text = unit.read_text("utf-8").replace("/opt/postmortem-sync/bin/sync", str(BIN / "sync"))
            (tmp_path / unit.name).write_text(text, encoding="utf-8")
        return tmp_path

    def test_systemd_takes_the_units(self, units: Path) -> None:
        names = [str(units / f"postmortem-sync.{kind}") for kind in ("service", "timer")]
        done = run(str(SYSTEMD), "verify", "--man=no", *names)
        ours = [line for line in done.stderr.splitlines() if "postmortem-sync" in line]
        assert (done.returncode, ours) == (0, [])

    def test_the_service_is_locked_down(self, units: Path) -> None:
        unit = str(units / "postmortem-sync.service")
        done = run(str(SYSTEMD), "security", "--offline=true", "--threshold=20", unit)
        if "Unknown" in done.stderr or "unrecognized" in done.stderr:
            return  # before 251 it looks at running services only
        assert done.returncode == 0, done.stdout.splitlines()[-1]


def test_the_service_names_real_settings(tmp_path: Path) -> None:
    text = (DEPLOY / "systemd" / "postmortem-sync.service").read_text("utf-8")
    (line,) = re.findall(r"(?m)^Environment=(.*)$", text)
    (secret,) = re.findall(r"(?m)^LoadCredential=(\w+):", text)
    accepted(tmp_path, dict(pair.split("=", 1) for pair in line.split()), **{secret: "t" * 20})


def test_the_crontab_is_a_crontab_and_names_real_settings(tmp_path: Path) -> None:
    lines = (DEPLOY / "crontab").read_text("utf-8").splitlines()
    kept = [line for line in lines if line and not line.startswith("#")]
    variables = dict(line.split("=", 1) for line in kept if re.match(r"[A-Z_]+=", line))
    (job,) = [line for line in kept if not re.match(r"[A-Z_]+=", line)]
    minute, hour, *rest = job.split()[:5]
    assert 0 <= int(minute) < 60
    assert [hour, *rest] == ["*"] * 4
    assert job.split()[5:] == ["/opt/postmortem-sync/bin/sync", "run", "--quiet"]
    accepted(tmp_path, variables)


# --- GitHub Actions --------------------------------------------------------------------------


FORMS = [(f".github/ISSUE_TEMPLATE/{name}.yml", "issue-forms") for name in ("bug", "idea", "misread")]


@pytest.mark.parametrize(
    ("file", "schema"),
    [
        ("config/deploy/github/postmortems.yml", "workflows"),
        ("action.yml", "actions"),
        (".github/workflows/ci.yml", "workflows"),
        (".github/ISSUE_TEMPLATE/config.yml", "issue-config"),
        *FORMS,
    ],
)
def test_github_takes_it(file: str, schema: str) -> None:
    done = run(str(BIN / "check-jsonschema"), "--builtin-schema", f"vendor.github-{schema}", str(ROOT / file))
    assert done.returncode == 0, done.stdout


def action() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
    return loaded


def workflow(file: Path = DEPLOY / "github" / "postmortems.yml") -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(file.read_text("utf-8"))
    return loaded


OUR_OWN = ROOT / ".github" / "workflows" / "ci.yml"


def steps() -> Iterator[dict[str, Any]]:
    yield from action()["runs"]["steps"]
    for file in (DEPLOY / "github" / "postmortems.yml", OUR_OWN):
        for job in workflow(file)["jobs"].values():
            yield from job["steps"]


def test_the_workflow_runs_by_clock_by_push_and_by_hand_and_never_twice_at_once() -> None:
    triggers = cast(dict[Any, Any], workflow())[True]  # YAML 1.1 reads `on` as true
    assert triggers.keys() == {"schedule", "push", "workflow_dispatch"}
    assert triggers["push"]["paths"] == ["docs/postmortems/**"]
    assert workflow()["concurrency"]["cancel-in-progress"] is False
    assert workflow()["permissions"] == {}


def test_the_workflow_uses_this_version_and_inputs_that_there_are() -> None:
    (ours,) = [step for step in steps() if "postmortem-sync/" in step.get("uses", "")]
    assert ours["uses"].endswith(f"@v{__version__}")
    assert ours["with"].keys() <= action()["inputs"].keys()


def test_what_others_wrote_is_pinned_and_no_input_becomes_code() -> None:
    for step in steps():
        uses = step.get("uses", "postmortem-sync/")
        assert "postmortem-sync/" in uses or re.search(r"@[0-9a-f]{40}$", uses), uses
        assert "${{" not in step.get("run", "")


def test_each_pinned_action_is_of_one_version() -> None:
    pinned = {
        step["uses"] for step in steps() if "@" in step.get("uses", "") and "postmortem-sync/" not in step["uses"]
    }
    assert len({one.partition("@")[0] for one in pinned}) == len(pinned)


def test_our_own_changes_are_judged_by_the_script_that_contributors_run() -> None:
    (job,) = workflow(OUR_OWN)["jobs"].values()
    assert [step["run"] for step in job["steps"] if "run" in step] == [".ci/run"]
    assert workflow(OUR_OWN)["permissions"] == {"contents": "read"}
    oldest = re.findall(r"Python :: (3\.\d+)", (ROOT / "pyproject.toml").read_text("utf-8"))
    assert {oldest[0], oldest[-1]} == set(job["strategy"]["matrix"]["python"])


def test_the_action_names_real_settings_and_inputs(tmp_path: Path) -> None:
    (step,) = [step for step in action()["runs"]["steps"] if step.get("id") == "sync"]
    used = set(re.findall(r"inputs\.([\w-]+)", yaml.safe_dump(step)))
    assert used == action()["inputs"].keys()
    values = {name: re.sub(r"\$\{\{.*?\}\}", "x", value) for name, value in step["env"].items()}
    for name in ("TOKEN", "PRIVATE_KEY"):
        one = {other: value for other, value in values.items() if other != f"SYNC_GITHUB__{name}"}
        accepted(tmp_path, one)


def test_scripts_are_sound() -> None:
    scripts = [str(ROOT / name) for name in ("config/deploy/github/action.sh", ".ci/run")]
    done = run(str(BIN / "shellcheck"), *scripts)
    assert done.returncode == 0, done.stdout


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
