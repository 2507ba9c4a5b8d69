"""Every language's file says what it must, in words that mean one thing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sync.formats import parse
from sync.model import ActionItem
from sync.postmortem import lexicon, sections
from sync.postmortem.fields import states

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "sync" / "postmortem" / "languages"
NEEDED = (
    *("title.action", "title.measure", "title.aim", "title.kind", "title.done", "title.other", "title.learning"),
    *("owner", "due", "state", "ticket", "column.text", "column.action", "state.open", "state.done", "state.wontdo"),
    *("verb.will", "nobody", "none", "status.draft", "status.published"),
)


@pytest.mark.parametrize("name", lexicon.LANGUAGES)
def test_a_file_has_the_words_that_are_needed(name: str) -> None:
    words = lexicon.language(name)
    assert [key for key in NEEDED if not words.get(key)] == []
    for key, count in (("month", 12), ("weekday", 7)):
        assert len(words.get(key, ())) in (0, count), key


def test_each_file_is_known_and_each_meaning_explained() -> None:
    assert {path.stem for path in FOLDER.glob("*.txt")} == set(lexicon.LANGUAGES)
    page = (ROOT / "docs" / "languages.md").read_text("utf-8")
    explained = set(re.findall(r"`([a-z.]+)`", "\n".join(line for line in page.splitlines() if line.startswith("|"))))
    used = {key for name in lexicon.LANGUAGES for key in lexicon.language(name)}
    assert used - explained == set()


@pytest.mark.parametrize("name", lexicon.LANGUAGES)
def test_a_line_has_a_meaning_and_words(name: str) -> None:
    lines = (FOLDER / f"{name}.txt").read_text("utf-8").splitlines()
    for number, line in enumerate(lines, 1):
        assert not line or line.startswith("#") or re.fullmatch(r"[a-z]+(\.[a-z]+)?: [^,\s](.*[^,\s])?", line), (
            number,
            line,
        )


# heading, a line that asks, states open and done, columns (action, owner, due, status), a row of them
DOCUMENTS = {
    "de": (
        "Korrekturmaßnahmen und Vorbeugung",
        "Alarm einrichten",
        "in Arbeit",
        "erledigt",
        "Maßnahme|Verantwortlich|Frist|Status",
    ),
    "en": ("Corrective and preventive actions", "Add an alert", "in progress", "done", "Action|Owner|Due|Status"),
    "es": (
        "Acciones correctivas y preventivas",
        "Añadir una alerta",
        "en curso",
        "hecho",
        "Acción|Responsable|Fecha límite|Estado",
    ),
    "fr": ("Plan d'action correctif", "Ajouter une alerte", "en cours", "fait", "Action|Responsable|Échéance|Statut"),
    "it": ("Azioni correttive", "Aggiungere un allarme", "in corso", "fatto", "Azione|Responsabile|Scadenza|Stato"),
    "ja": ("再発防止策", "アラートを追加する", "対応中", "完了", "対応策|担当者|期限|状態"),
    "ko": ("재발 방지 대책", "알림을 추가한다", "진행 중", "완료", "조치|담당자|기한|상태"),
    "nl": ("Vervolgacties", "Waarschuwing toevoegen", "bezig", "afgerond", "Actie|Eigenaar|Deadline|Status"),
    "pl": ("Działania naprawcze", "Dodać alert", "w toku", "zrobione", "Działanie|Właściciel|Termin|Status"),
    "pt": ("Ações corretivas", "Adicionar um alerta", "em andamento", "concluído", "Ação|Responsável|Prazo|Estado"),
    "ru": (
        "Корректирующие действия",
        "Добавить оповещение",
        "в работе",
        "готово",
        "Действие|Ответственный|Срок|Статус",
    ),
    "sv": ("Åtgärder", "Lägga till ett larm", "pågår", "klar", "Åtgärd|Ansvarig|Datum|Status"),
    "tr": ("Düzeltici eylemler", "Alarm eklenecek", "devam ediyor", "tamamlandı", "Eylem|Sorumlu|Son tarih|Durum"),
    "uk": ("Коригувальні дії", "Додати сповіщення", "в роботі", "готово", "Дія|Відповідальний|Термін|Статус"),
    "zh": ("改进措施", "添加告警", "进行中", "已完成", "改进措施|负责人|截止日期|状态"),
}


def items(markdown: str) -> tuple[ActionItem, ...]:
    return parse(markdown.encode(), "x.md").items


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_list_and_a_table_are_understood(name: str) -> None:
    heading, action, going, done, columns = DOCUMENTS[name]
    assert sections.read(heading).begins
    assert [item.text for item in items(f"# X\n\n## {heading}\n\n- {action}\n- [ ] {action} 2\n")] == [
        action,
        f"{action} 2",
    ]
    row = f"| {action} | Ana Lima | 2026-04-03 |"
    table = f"| {' | '.join(columns.split('|'))} |\n|---|---|---|---|\n{row} {going} |\n{row} {done} |\n"
    found = items(f"# X\n\n## {heading}\n\n{table}")
    assert [(item.text, item.owners[0].text, str(item.due_date)) for item in found] == [
        (action, "Ana Lima", "2026-04-03")
    ] * 2
    assert [item.state.value for item in found] == ["open", "done"]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_label_is_understood_with_either_colon(name: str) -> None:
    heading, action, _, _, columns = DOCUMENTS[name]
    _, owner, due, _ = columns.split("|")
    for colon in (": ", "："):
        (item,) = items(f"# X\n\n## {heading}\n\n- {action} ({owner}{colon}Ana Lima, {due}{colon}2026-04-03)\n")
        assert (item.text, [one.text for one in item.owners], str(item.due_date)) == (
            action,
            ["Ana Lima"],
            "2026-04-03",
        )


def test_a_state_is_never_done_in_one_language_and_open_in_another_without_being_open() -> None:
    done = set(lexicon.phrases("state.done"))
    for word in done & set(lexicon.phrases("state.open")):
        assert states.word(word) is not None
        assert states.word(word).value == "open"  # type: ignore[union-attr]
