"""Tables for notebooks."""
from __future__ import annotations

from collections.abc import Iterable, Sequence

_CELL = "text-align:left"
ROWS = 20  # a table has at most so many, and then says how many there are


def table(title: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table with a title. Everything is escaped."""
    from html import escape

    all_rows = list(rows)
    lines = [f"<table><caption style='{_CELL}'><b>{escape(title)}</b></caption>"]
    if head:
        lines.append("<tr>" + "".join(f"<th style='{_CELL}'>{escape(x)}</th>" for x in head) + "</tr>")
    for row in all_rows[:ROWS]:
        lines.append("<tr>" + "".join(f"<td style='{_CELL}'>{escape(str(x))}</td>" for x in row) + "</tr>")
    if len(all_rows) > ROWS:
        lines.append(f"<tr><td style='{_CELL}'>and {len(all_rows) - ROWS} more</td></tr>")
    return "".join(lines) + "</table>"


def numbers(values: Iterable[float]) -> str:
    return ", ".join(f"{x:g}" for x in values)
