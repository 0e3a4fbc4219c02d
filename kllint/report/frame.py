"""Code frames: the lines around a place, numbered, with carets under it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kllint.report.paint import Paint, Style, cells, clip
from kllint.report.plain import plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kllint.findings import Span
    from kllint.report.places import Places

CONTEXT = 1  # lines shown before and after
LONGEST = 6  # lines of one place that are all shown; of longer ones, the first and the last few
TAB = 4
CUT = "..."  # stands for the beginning of a line too long to show


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    text: str
    carets: tuple[int, int] | None = None  # from which cell to which


def frame(places: Places, span: Span, width: int | None, paint: Paint, style: Style) -> Iterator[str]:
    """The frame of a span, with line numbers as in its place; no line of it is wider than `width`."""
    lines = list(_lines(places, span))
    margin = len(str(lines[-1].number))
    blank = paint(" " * margin + " |", Style.FRAME)
    room = None if width is None else max(width - margin - 3, 8)
    skip = _scroll(lines, room)
    yield blank
    previous = lines[0].number - 1
    for line in lines:
        if line.number != previous + 1:
            yield paint("...", Style.FRAME)
        previous = line.number
        text = _fit(line.text, skip if line.carets else 0, room)
        yield f"{paint(f'{line.number:{margin}} |', Style.FRAME)} {text}".rstrip()
        if line.carets:
            begin, stop = line.carets
            carets = _fit(" " * begin + "^" * (stop - begin), skip, room).replace(CUT, " " * len(CUT))
            yield f"{blank} {paint(carets, style)}"
    yield blank


def _lines(places: Places, span: Span) -> Iterator[_Line]:
    source = places.sources.source(span.path)
    start, end = source.position(span.start), source.position(span.end)
    shift = places.place(span).start.line - start.line
    last = end.line - 1 if end.column == 1 and end.line > start.line else end.line
    allowed = places.lines_beside(span)
    for number in range(start.line - CONTEXT, last + CONTEXT + 1):
        far = last - start.line >= LONGEST and start.line + LONGEST - 2 <= number < last
        text = source.line(number)
        if far or (number not in allowed and number != start.line):
            continue
        if not start.line <= number <= last:
            yield _Line(number + shift, _expand(text))
            continue
        begin = start.column - 1 if number == start.line else len(text) - len(text.lstrip())
        stop = end.column - 1 if number == end.line else len(text)
        first, until = cells(_expand(text[:begin])), cells(_expand(text[:stop]))
        yield _Line(number + shift, _expand(text), (first, max(until, first + 1)))


def _expand(text: str) -> str:
    """The line as it is shown: nothing that steers a terminal, tabs as spaces."""
    shown = plain(text)
    if "\t" not in shown:
        return shown
    first, *rest = shown.split("\t")
    for part in rest:
        first += " " * (TAB - cells(first) % TAB) + part
    return first


def _scroll(lines: list[_Line], room: int | None) -> int:
    """How many cells of the marked lines to leave out on the left, so that what is marked is seen."""
    marked = [line.carets for line in lines if line.carets]
    if room is None or max(stop for _, stop in marked) <= room:
        return 0
    return max(min(begin for begin, _ in marked) - max(room // 4, len(CUT)), 0)


def _fit(text: str, skip: int, room: int | None) -> str:
    """What is seen of a line through a window of `room` cells that begins at cell `skip`.

    A wide character that the window's edge cuts in half shows as a space.
    """
    if room is None:
        return text
    if skip:
        return CUT + _fit_from(text, skip + len(CUT), room - len(CUT))
    return clip(text, room)


def _fit_from(text: str, skip: int, room: int) -> str:
    cut = clip(text, skip)
    halved = cells(cut) < skip and len(cut) < len(text)
    return clip(" " + text[len(cut) + 1 :] if halved else text[len(cut) :], room)
