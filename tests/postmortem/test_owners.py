"""Whose an item is: names where teams write them, and nobody where a name only occurs."""

from __future__ import annotations

import pytest

from sync.formats import parse
from sync.model import ParseOptions

HEAD = "# Outage\n\nAuthor: Zoe Quinn\n\n## Action items\n\n"


def found(*lines: str, **options: object) -> list[tuple[str, list[str]]]:
    text = HEAD + "\n".join(lines) + "\n"
    postmortem = parse(text.encode(), "x.md", ParseOptions(**options))  # type: ignore[arg-type]
    return [(item.text, [owner.text for owner in item.owners]) for item in postmortem.items]


ONE = {
    "- **Robert** Turn on the alert": ("Turn on the alert", ["Robert"]),
    "- **RK**/JT Turn on the alert": ("Turn on the alert", ["RK", "JT"]),
    "- Turn on the alert **RK**/JT": ("Turn on the alert", ["RK", "JT"]),
    "- Turn on the alert **Robert**": ("Turn on the alert", ["Robert"]),
    "- Platform team: review the limit": ("review the limit", ["Platform team"]),
    "- The data team to review the limit": ("review the limit", ["data team"]),
    "- Ed to create some docs": ("create some docs", ["Ed"]),
    "1. **Ana Lima** to automate the check": ("automate the check", ["Ana Lima"]),
    "- Ana will rotate the keys": ("rotate the keys", ["Ana"]),
    "- [ ] add a limit owner [Jane Doe] by [2026-11-20].": ("add a limit", ["Jane Doe"]),
    "- Add a limit, owner Jane Doe": ("Add a limit", ["Jane Doe"]),
    "- Add a limit - DRI: Jane Doe": ("Add a limit", ["Jane Doe"]),
    "- Añadir un límite, responsable Ana Lima": ("Añadir un límite", ["Ana Lima"]),
    "- Limit setzen (verantwortlich: Bo Ek)": ("Limit setzen", ["Bo Ek"]),
    "- Ajouter une limite, porteur : Zoé Petit": ("Ajouter une limite", ["Zoé Petit"]),
    "- 制限を追加する（担当：田中）": ("制限を追加する", ["田中"]),
    "- 検索チーム：索引を作り直す": ("索引を作り直す", ["検索チーム"]),
}


@pytest.mark.parametrize("line", ONE)
def test_a_name_is_read_where_it_stands(line: str) -> None:
    assert found(line) == [ONE[line]]


def test_a_lone_bold_name_above_a_list_is_whose_it_is() -> None:
    assert found("**David**", "", "- Add a limit", "- Rotate keys") == [
        ("Add a limit", ["David"]),
        ("Rotate keys", ["David"]),
    ]


def test_a_list_below_a_name_with_a_full_width_colon_is_read() -> None:
    assert found("- 検索チーム：", "  - 索引を作り直す", "  - 監視を追加する") == [
        ("索引を作り直す", ["検索チーム"]),
        ("監視を追加する", ["検索チーム"]),
    ]


@pytest.mark.parametrize(
    "line",
    [
        "- **Redis** Add a limit",
        "- **Monitoring** Add a dashboard",
        "- Publish support@example.com on the status page",
        "- Send the report to support@example.com",
        "- Alerts to page within a minute",
        "- Add a limit (Redis)",
        "- **Kubernetes**: add a limit",
        "- Move to Postgres",
    ],
)
def test_what_is_no_person_owns_nothing(line: str) -> None:
    assert [owners for _, owners in found(line)] == [[]]


@pytest.mark.parametrize("name", ["**Kubernetes**", "**API**", "**Backend**", "**For planning**"])
def test_a_bold_word_that_is_no_name_only_groups(name: str) -> None:
    assert [owners for _, owners in found(name, "", "- Add a limit")] == [[]]


def test_a_name_in_brackets_at_the_end_is_an_owner_where_the_settings_know_it() -> None:
    assert found("- Add a limit (Bo Ek)") == [("Add a limit (Bo Ek)", [])]
    assert found("- Add a limit (Bo Ek)", people=("Bo Ek",)) == [("Add a limit", ["Bo Ek"])]
    assert found("- Add a limit (Zoe Quinn)") == [("Add a limit", ["Zoe Quinn"])]
