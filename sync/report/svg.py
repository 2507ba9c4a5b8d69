"""The plots of a report as SVG: axes begin at zero, nothing is smoothed, and what rests on few items shows it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from sync.process.terminal import plural
from sync.report.figures import Bucket, Flow, Group
from sync.report.report import WINDOWS
from sync.report.words import rate

WIDTH, HEIGHT = 560, 250
LEFT, RIGHT, TOP, BOTTOM = 50, 14, 14, 34
MONTHS = 24
FEW = 5
"""A rate of fewer items is drawn hollow."""

_STATES = (
    ("done", "done"),
    ("undated", "done on an unknown day"),
    ("wontdo", "won't do"),
    ("open", "open"),
    ("overdue", "overdue"),
)
_SHORT = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def months(groups: Sequence[Group]) -> str:
    """What became of the items of each month's incidents: stacked columns."""
    shown = groups[-MONTHS:]
    top, step = scale(max((group.counts.items for group in shown), default=0))
    parts = [_grid(top, step), *_month_labels([group.name for group in shown])]
    for index, group in enumerate(shown):
        counts = group.counts
        numbers = {
            "done": counts.done - group.speed.undated,
            "undated": group.speed.undated,
            "wontdo": counts.wontdo,
            "open": counts.open - counts.overdue,
            "overdue": counts.overdue,
        }
        title = ", ".join(f"{numbers[name]} {words}" for name, words in _STATES if numbers[name])
        column, width = _slot(index, len(shown))
        base = 0
        slices = []
        for name, _ in _STATES:
            if numbers[name]:
                high, low = _y(base + numbers[name], top), _y(base, top)
                slices.append(_box(f"slice {name}", column, high, width, low - high))
                base += numbers[name]
        parts.append(_tip(f"{month_name(group.name)}: {plural(counts.items, 'item')}, {title}", slices))
    words = (
        "Columns by month of the incident, each divided into action items done, done on an unknown day, won't do, "
        "open and overdue."
    )
    return _plot("plot-months", "What became of each month's action items", words, parts)


def rates(groups: Sequence[Group]) -> str:
    """Completion within 30, 60 and 90 days by month of the incident: a line each."""
    shown = groups[-MONTHS:]
    parts = [_grid(100, 25, "%"), *_month_labels([group.name for group in shown])]
    for window in WINDOWS:
        points: list[tuple[float, float] | None] = []
        dots: list[str] = []
        for index, group in enumerate(shown):
            one = group.within[window]
            if one.share is None:
                points.append(None)
                continue
            column, width = _slot(index, len(shown))
            x, y = column + width / 2, _y(100 * one.share, 100)
            points.append((x, y))
            few = " few" if one.of < FEW else ""
            dot = f'<circle class="dot w{window}{few}" cx="{x:.1f}" cy="{y:.1f}" r="3.4"/>'
            dots.append(_tip(f"{month_name(group.name)}, within {window} days: {rate(one)}", [dot]))
        parts += [f'<path class="curve w{window}" d="{_path(points)}"/>', *dots]
    words = "Lines by month of the incident: the share of action items done within 30, 60 and 90 days."
    return _plot("plot-rates", "Completed within 30, 60 and 90 days", words, parts)


def ages(buckets: Sequence[Bucket]) -> str:
    """Open items by age: bars with their numbers."""
    top = max([bucket.open for bucket in buckets] + [1])
    left, right, height = 106, WIDTH - 70, (HEIGHT - 16) / len(buckets)
    parts: list[str] = []
    for index, bucket in enumerate(buckets):
        y = 8 + index * height
        name = f"{bucket.first}–{bucket.last}" if bucket.last else f"> {bucket.first - 1}"
        middle = y + height / 2 + 4
        scaled = (right - left) / top
        fine = (bucket.open - bucket.overdue) * scaled
        late = bucket.overdue * scaled
        bars = [
            _box("slice overdue", left, y + 4, late, height - 8),
            _box("slice open", left + late, y + 4, fine, height - 8),
        ]
        title = f"{name} days: {bucket.open} open, {bucket.overdue} of them overdue"
        label = f'<text x="{left - 8}" y="{middle:.1f}" text-anchor="end">{escape(name)} d</text>'
        number = f'<text class="value" x="{left + late + fine + 7:.1f}" y="{middle:.1f}">{bucket.open}</text>'
        parts.append(_tip(title, [label, *bars, number]))
    parts.append(f'<line class="axis" x1="{left}" x2="{left}" y1="8" y2="{HEIGHT - 8}"/>')
    words = "Bars by age in days: how many action items are open, and how many of them are overdue."
    return _plot("plot-ages", "Age of open action items", words, parts)


def flow(months: Sequence[Flow]) -> str:
    """Items opened and closed in each month as columns, and those open at its end as a line."""
    shown = months[-MONTHS:]
    top, step = scale(max((number for month in shown for number in (month.open, month.begun, month.closed)), default=0))
    parts = [_grid(top, step), *_month_labels([month.month for month in shown])]
    points: list[tuple[float, float] | None] = []
    dots: list[str] = []
    for index, month in enumerate(shown):
        column, width = _slot(index, len(shown))
        x, y = column + width / 2, _y(month.open, top)
        points.append((x, y))
        title = f"{month_name(month.month)}: {month.open} open at its end, {month.begun} opened, {month.closed} closed"
        columns = [("begun", month.begun, column), ("done", month.closed, column + width / 2)]
        bars = [
            _box(f"slice {kind}", left, _y(number, top), width / 2, _y(0, top) - _y(number, top))
            for kind, number, left in columns
            if number
        ]
        parts.append(_tip(title, bars))
        dots.append(_tip(title, [f'<circle class="dot all" cx="{x:.1f}" cy="{y:.1f}" r="2.6"/>']))
    ends = [point for point in points if point]
    if ends:
        value = f'<text class="value" x="{ends[-1][0]:.1f}" y="{ends[-1][1] - 9:.1f}" text-anchor="end">'
        parts += [f'<path class="curve all" d="{_path(points)}"/>', *dots]
        parts.append(f"{value}{shown[-1].open}</text>")
    words = (
        "Columns by month: how many action items were opened and closed in it. A line: how many were open at its end."
    )
    return _plot("plot-flow", "Opened, closed and open action items", words, parts)


def swatch(kind: str) -> str:
    """The sign of a series in a legend."""
    if kind.startswith(("w3", "w6", "w9", "all")):
        mark = f'<line class="curve {kind}" x1="0" x2="19" y1="8" y2="8"/>'
    else:
        mark = f'<rect class="slice {kind}" width="19" height="16" rx="3"/>'
    return f'<svg viewBox="0 0 19 16" aria-hidden="true">{mark}</svg>'


def scale(largest: int) -> tuple[int, int]:
    """(end of an axis, its step) for whole numbers from zero; at most six steps."""
    step = 1
    while step * 6 < largest:
        head = int(str(step)[0])
        step = step * 5 // 2 if head == 2 else step * 2
    return max(step * -(-largest // step), step), step


def month_name(month: str) -> str:
    """`Mar 2026` for `2026-03`."""
    year, _, number = month.partition("-")
    return f"{_SHORT[int(number) - 1]} {year}"


# --- parts -----------------------------------------------------------------------------------


def _plot(identity: str, title: str, words: str, parts: Iterable[str]) -> str:
    return (
        f'<svg class="plot" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-labelledby="{identity}-t {identity}-d">'
        f'<title id="{identity}-t">{escape(title)}</title><desc id="{identity}-d">{escape(words)}</desc>'
        f"{''.join(parts)}</svg>"
    )


def _grid(top: int, step: int, unit: str = "") -> str:
    lines = []
    for value in range(0, top + 1, step):
        y = _y(value, top)
        kind = "grid" if value else "axis"
        lines.append(f'<line class="{kind}" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        lines.append(f'<text x="{LEFT - 7}" y="{y + 4:.1f}" text-anchor="end">{value}{unit}</text>')
    return "".join(lines)


def _month_labels(names: Sequence[str]) -> Iterable[str]:
    every = max(1, -(-len(names) // 6))
    for place, index in enumerate(range(len(names) - 1, -1, -every)):
        column, width = _slot(index, len(names))
        minor = ' class="minor"' if place % 2 else ""
        words = month_name(names[index])
        yield f'<text{minor} x="{column + width / 2:.1f}" y="{HEIGHT - 10}" text-anchor="middle">{words}</text>'


def _slot(index: int, number: int) -> tuple[float, float]:
    """(left edge, width) of one month's place; the last label must not stick out."""
    whole = (WIDTH - LEFT - RIGHT - 14) / max(number, 1)
    gap = min(whole * 0.24, 8)
    width = min(whole - gap, 44)
    return LEFT + whole * index + (whole - width) / 2, width


def _y(value: float, top: float) -> float:
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * value / top


def _box(kind: str, x: float, y: float, width: float, height: float) -> str:
    return f'<rect class="{kind}" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"/>'


def _tip(words: str, parts: Sequence[str]) -> str:
    return f"<g><title>{escape(words)}</title>{''.join(parts)}</g>"


def _path(points: Sequence[tuple[float, float] | None]) -> str:
    """Straight lines from point to point; a gap where there is none."""
    words: list[str] = []
    pen = "M"
    for point in points:
        if point is None:
            pen = "M"
            continue
        words.append(f"{pen}{point[0]:.1f} {point[1]:.1f}")
        pen = "L"
    return " ".join(words)
