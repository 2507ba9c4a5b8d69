"""Values of settings: templates that look names up and do nothing else; fields in Jira's own shapes."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.jira.fields import summary
from adapters.jira.values import FieldSpec, Shapes, ValueProblem, convert, fill, filled, missing_line, spec_of

VALUES = {"title": "Alert on lag", "service": "checkout {title}", "due": ""}


def nobody(text: str) -> dict[str, str]:
    raise ValueProblem(f"{text!r} is no account")


SHAPES = Shapes(user=lambda text: {"accountId": text}, document=lambda text: {"type": "doc", "text": text})
OPTIONS = ({"id": "1", "value": "Process"}, {"id": "2", "value": "Code"})
CASCADE = ({"id": "1", "value": "EU", "children": [{"id": "11", "value": "Berlin"}]}, {"id": "2", "value": "US"})


def test_names_are_filled_in_once() -> None:
    assert fill("{title} in {service}: {{kept}}", VALUES) == "Alert on lag in checkout {title}: {kept}"
    assert filled({"value": ["{title}", 3]}, VALUES) == {"value": ["Alert on lag", 3]}


@pytest.mark.parametrize(
    "template",
    ["{title.__class__}", "{title[0]}", "{0}", "{}", "{title!r}", "{title:>99999999}", "{__import__}", "{self}"],
)
def test_a_template_reaches_names_only(template: str) -> None:
    with pytest.raises(ValueProblem, match="is not known; there are due, service, title"):
        fill(template, VALUES)


@given(st.text(), st.dictionaries(st.text(min_size=1), st.text()))
def test_any_template_is_text_or_a_problem_told(template: str, values: dict[str, str]) -> None:
    try:
        result = fill(template, values)
    except ValueProblem:
        return
    assert isinstance(result, str)


@pytest.mark.parametrize(
    ("spec", "value", "sent"),
    [
        (FieldSpec("c", "Team", "string"), "Core", "Core"),
        (FieldSpec("c", "Notes", "string", rich=True), "Why", {"type": "doc", "text": "Why"}),
        (FieldSpec("c", "Points", "number"), "3", 3),
        (FieldSpec("c", "Points", "number"), 2.5, 2.5),
        (FieldSpec("c", "Cause", "option", allowed=OPTIONS), "process", {"id": "1"}),
        (FieldSpec("c", "Causes", "array", "option", allowed=OPTIONS), "Code, Process", [{"id": "2"}, {"id": "1"}]),
        (FieldSpec("c", "Tags", "array", "string"), ["a", "b"], ["a", "b"]),
        (FieldSpec("c", "Lead", "user"), "5b10a2844c20165700ede21g", {"accountId": "5b10a2844c20165700ede21g"}),
        (
            FieldSpec("c", "Where", "option-with-child", allowed=CASCADE),
            "EU > Berlin",
            {"id": "1", "child": {"id": "11"}},
        ),
        (FieldSpec("c", "Where", "option-with-child", allowed=CASCADE), ["US"], {"id": "2"}),
        (
            FieldSpec("c", "Where", "option-with-child", allowed=CASCADE),
            {"value": "EU", "child": "Berlin"},
            {"id": "1", "child": {"id": "11"}},
        ),
        (FieldSpec("c", "Parent", "issuelink"), "OPS-1", {"key": "OPS-1"}),
        (FieldSpec("c", "Odd", "any"), {"id": 7}, {"id": 7}),
        (FieldSpec("c", "Team", "string"), "  ", None),
        (FieldSpec("c", "Team", "string"), 7, "7"),
        (FieldSpec("c", "Odd", "any"), 7, 7),
        (FieldSpec("c", "Odd", "any"), 2.5, 2.5),
        (FieldSpec("c", "Sprint", "array", "json", custom="gh-sprint"), 42, 42),
        (FieldSpec("c", "Sprint", "array", "json", custom="gh-sprint"), "42", 42),
        (FieldSpec("c", "Sprint", "array", "json", custom="gh-sprint"), [42], 42),
        (FieldSpec("c", "Organizations", "array", "sd-customerorganization"), [3, "4"], [3, 4]),
        (FieldSpec("c", "Group", "group"), "sre", {"name": "sre"}),
        (FieldSpec("c", "Groups", "array", "group"), "sre, dba", [{"name": "sre"}, {"name": "dba"}]),
        (FieldSpec("c", "Project", "project"), "pay", {"key": "PAY"}),
        (FieldSpec("c", "Project", "project"), 10001, {"id": "10001"}),
        (FieldSpec("c", "Odd", "array", "number"), [1, 2], [1, 2]),
    ],
)
def test_a_value_takes_the_shape_of_its_field(spec: FieldSpec, value: object, sent: Any) -> None:
    assert convert(spec, value, SHAPES) == sent


@pytest.mark.parametrize(
    ("spec", "value", "reported"),
    [
        (FieldSpec("c", "Cause", "option", allowed=OPTIONS), "Fate", "'Fate' is not allowed; allowed: Process, Code"),
        (FieldSpec("c", "Points", "number"), "many", "'many' is no number"),
        (FieldSpec("c", "Sprint", "array", "json", custom="gh-sprint"), "Sprint 7", "wants the number of a sprint"),
        (FieldSpec("c", "Sprint", "array", "json", custom="gh-sprint"), [1, 2], "wants the number of a sprint"),
        (FieldSpec("c", "Who", "array", "sd-customerorganization"), "Acme", "wants the number of an organization"),
        (FieldSpec("c", "Where", "option-with-child", allowed=CASCADE), "EU > Rome", "allowed: Berlin"),
    ],
)
def test_a_value_that_does_not_fit_is_told_with_what_would(spec: FieldSpec, value: object, reported: str) -> None:
    with pytest.raises(ValueProblem, match=reported):
        convert(spec, value, SHAPES)


def test_the_missing_line_is_toml_with_a_value_that_would_do() -> None:
    assert missing_line(FieldSpec("c", 'Root "cause"', "option", allowed=OPTIONS)) == '"Root \\"cause\\"" = "Process"'
    assert missing_line(FieldSpec("c", "Where", "option-with-child", allowed=CASCADE)) == '"Where" = "EU > Berlin"'
    assert missing_line(FieldSpec("c", "Points", "number")) == '"Points" = 0'
    assert missing_line(FieldSpec("c", "Sprint", "array", "json", custom="gh-sprint")) == '"Sprint" = 0'


def test_a_text_area_wants_blocks_and_a_line_of_text_does_not() -> None:
    kinds = "com.atlassian.jira.plugin.system.customfieldtypes"
    assert spec_of("customfield_1", {"schema": {"type": "string", "custom": f"{kinds}:textarea"}}).rich
    assert not spec_of("customfield_1", {"schema": {"type": "string", "custom": f"{kinds}:textfield"}}).rich


@given(st.text())
def test_a_summary_is_one_line_that_jira_can_hold(text: str) -> None:
    line = summary(text)
    assert 0 < len(line.encode("utf-16-le")) <= 2 * 255
    assert line.splitlines() == [line]
    assert summary(line) == line
