from __future__ import annotations

import pytest

from sync.commands.arguments import COMMANDS, DEFAULTS, parse_arguments
from sync.errors import UsageError

CALLS = {
    "run": ["run"],
    "parse": ["parse", "a.md"],
    "check": ["check", "a.md"],
    "new": ["new", "Title"],
    "doctor": ["doctor"],
    "report": ["report"],
    "tickets list": ["tickets", "list"],
    "tickets show": ["tickets", "show", "LOCAL-1"],
    "tickets close": ["tickets", "close", "LOCAL-1"],
    "tickets reopen": ["tickets", "reopen", "LOCAL-1"],
    "tickets edit": ["tickets", "edit", "LOCAL-1"],
}
COMMON = [["--json"], ["--verbose"], ["-v"], ["--quiet"], ["-q"], ["--config", "x.toml"], ["--config=x.toml"]]
PLANNING = [["--dry-run"], ["--force"], ["--commit"]]


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
@pytest.mark.parametrize("option", [*COMMON, *PLANNING], ids=lambda option: option[0])
def test_an_option_means_the_same_before_and_after_the_command(call: list[str], option: list[str]) -> None:
    if option in PLANNING and call != ["run"]:
        for argv in (option + call, call + option):
            with pytest.raises(UsageError):
                parse_arguments(argv)
        return
    before, after = parse_arguments(option + call), parse_arguments(call + option)
    assert before == after
    assert before != parse_arguments(call)


@pytest.mark.parametrize("option", [*COMMON, *PLANNING], ids=lambda option: option[0])
def test_and_before_and_after_the_postmortem(option: list[str]) -> None:
    assert parse_arguments([*option, "--postmortem", "a.md"]) == parse_arguments(["--postmortem", "a.md", *option])


@pytest.mark.parametrize("option", COMMON, ids=lambda option: option[0])
def test_and_between_a_group_and_its_action(option: list[str]) -> None:
    assert parse_arguments(["tickets", *option, "list"]) == parse_arguments(["tickets", "list", *option])


def test_several_postmortems_in_one_option_or_in_many() -> None:
    expected = ["a.md", "b.md"]
    assert parse_arguments(["--postmortem", "a.md", "b.md"]).postmortem == expected
    assert parse_arguments(["--postmortem", "a.md", "--postmortem", "b.md"]).postmortem == expected


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["frobnicate"], "frobnicate"),
        (["run", "--frobnicate"], "--frobnicate"),
        (["--dry"], "--dry"),
        (["--postmortem"], "--postmortem"),
        (["parse"], "REF"),
        (["tickets", "close"], "KEY"),
        (["tickets", "close", "LOCAL-1", "--as", "maybe"], "maybe"),
        (["--postmortem", "a.md", "--", "run"], "run"),
    ],
)
def test_a_wrong_call_is_named_and_help_is_offered(argv: list[str], words: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_arguments(argv)
    assert words in str(caught.value)
    assert "--help" in str(caught.value) or "Write either" in str(caught.value)


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_has_a_page_of_help(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parse_arguments([name, "--help"])
    assert ended.value.code == 0
    page = capsys.readouterr().out
    assert page.startswith(f"usage: sync {name} ")
    assert "--config FILE" in page
    assert f"examples:\n  sync {name}" in page


def test_an_option_of_one_command_is_none_of_another() -> None:
    assert parse_arguments(["remind", "--force"]).force
    assert parse_arguments(["--dry-run", "remind"]).dry_run
    for argv in (["--commit", "remind"], ["--force", "worker"], ["serve", "--drain"], ["worker", "--port", "1"]):
        with pytest.raises(UsageError):
            parse_arguments(argv)


def test_what_was_not_given_has_its_default() -> None:
    assert vars(parse_arguments(["run"])) == DEFAULTS | {"command": "run"}
