"""A campaign as a file: CSV for spreadsheets, ICS for calendars, Markdown for people.

Client text is data in all three: it never becomes a formula, a calendar property or markup.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, NotRequired, TypedDict

from bai import clock
from content_planner.platform_rules import PLATFORMS, rendered_text

Format = Literal["csv", "ics", "md"]

CSV_COLUMNS = (
    "position",
    "kind",
    "platform",
    "scheduled_for",
    "status",
    "version",
    "text",
    "hashtags",
    "media_brief",
    "script_hook",
    "script_shots",
    "script_caption",
)
# OWASP's list, with the full-width forms that spreadsheets read as the plain ones.
FORMULA_STARTS = tuple("=+-@\t\r\n＝＋－＠")
LABELS = {
    "es": {"post": "Publicación", "reel": "Reel", "media": "Imagen o vídeo", "script": "Guion", "hook": "Gancho"},
    "en": {"post": "Post", "reel": "Reel", "media": "Image or video", "script": "Script", "hook": "Hook"},
}


class ShotRow(TypedDict):
    seconds: int
    visual: str
    voice: str


class ScriptRow(TypedDict):
    hook: str
    shots: list[ShotRow]
    caption: str


class CampaignRow(TypedDict):
    id: str
    month: str
    tone_of_voice: NotRequired[str]
    themes: NotRequired[list[str]]
    language: NotRequired[str]
    status: NotRequired[str]


class PieceRow(TypedDict):
    id: str
    kind: str
    position: int
    platform: str
    text: str
    hashtags: list[str]
    media_brief: str
    script: ScriptRow | None
    scheduled_for: datetime | str
    version: int
    status: str


@dataclass(frozen=True, slots=True)
class ExportFile:
    filename: str
    content_type: str
    body: bytes


def export(
    format: Format, campaign: CampaignRow, pieces: Sequence[PieceRow], *, now: datetime | None = None
) -> ExportFile:
    """The campaign's pieces by position. `now` is the calendar's DTSTAMP; without it, the clock's."""
    ordered = sorted(pieces, key=lambda piece: piece["position"])
    if format == "csv":
        content_type, content = "text/csv; charset=utf-8", "\ufeff" + _csv(ordered)
    elif format == "ics":
        content_type, content = "text/calendar; charset=utf-8", _ics(campaign, ordered, now or clock.now())
    else:
        content_type, content = "text/markdown; charset=utf-8", _markdown(campaign, ordered)
    return ExportFile(_filename(campaign, format), content_type, content.encode("utf-8", "replace"))


def _filename(campaign: CampaignRow, format: Format) -> str:
    safe = re.sub(r"[^0-9A-Za-z-]", "", f"{campaign['month'][:7]}-{campaign['id'][-8:]}")
    return f"campaign-{safe}.{format}"


def _moment(piece: PieceRow) -> datetime:
    value = piece["scheduled_for"]
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _shot_lines(script: ScriptRow) -> list[str]:
    return [
        f"{shot['seconds']} s · {shot['visual']} · {shot.get('voice') or ''}".rstrip(" ·") for shot in script["shots"]
    ]


def _csv(pieces: Sequence[PieceRow]) -> str:
    import csv  # noqa: PLC0415 - only this export needs it
    from io import StringIO  # noqa: PLC0415

    page = StringIO(newline="")
    rows = csv.writer(page, lineterminator="\r\n", quoting=csv.QUOTE_ALL)
    rows.writerow(CSV_COLUMNS)
    rows.writerows([_cell(value) for value in _csv_row(piece)] for piece in pieces)
    return page.getvalue()


def _csv_row(piece: PieceRow) -> tuple[Any, ...]:
    script = piece["script"]
    return (
        piece["position"],
        piece["kind"],
        piece["platform"],
        _moment(piece).strftime("%Y-%m-%dT%H:%M:%SZ"),
        piece["status"],
        piece["version"],
        piece["text"],
        " ".join(piece["hashtags"]),
        piece["media_brief"],
        script["hook"] if script else "",
        "\n".join(_shot_lines(script)) if script else "",
        script["caption"] if script else "",
    )


def _cell(value: object) -> str:
    text = str(value).replace("\0", "")
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def _ics(campaign: CampaignRow, pieces: Sequence[PieceRow], now: datetime) -> str:
    """RFC 5545."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//B.A.I.//Content planner//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{_ics_text('B.A.I. ' + campaign['month'])}",
        *(line for piece in pieces for line in _event(campaign, piece, now)),
        "END:VCALENDAR",
    ]
    return "".join(f"{_fold(line)}\r\n" for line in lines)


def _event(campaign: CampaignRow, piece: PieceRow, now: datetime) -> Iterator[str]:
    first_line = next(iter(piece["text"].strip().splitlines()), "")
    summary = f"{_platform_name(piece)} · {_labels(campaign).get(piece['kind'], piece['kind'])} · {first_line[:80]}"
    yield "BEGIN:VEVENT"
    yield f"UID:{_ics_text(piece['id'])}@content-planner.bai"
    yield f"DTSTAMP:{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    yield f"DTSTART:{_moment(piece):%Y%m%dT%H%M%SZ}"
    yield "DURATION:PT30M"
    yield f"SEQUENCE:{piece['version']}"
    yield f"SUMMARY:{_ics_text(summary)}"
    yield f"DESCRIPTION:{_ics_text(rendered_text(piece['text'], piece['hashtags']))}"
    yield f"CATEGORIES:{_ics_text(piece['platform'])}"
    yield f"STATUS:{'CONFIRMED' if piece['status'] == 'approved' else 'TENTATIVE'}"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def _ics_text(text: str) -> str:
    # Parsers that split on any Unicode line end would see a property in the client's second line.
    text = re.sub("\r\n|[\r\n\x0b\x0c\x1c-\x1e\x85\u2028\u2029]", "\n", text)
    text = re.sub("[\x00-\x08\x0e-\x1f\x7f]", "", text)
    for plain, escaped in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\n", "\\n")):
        text = text.replace(plain, escaped)
    return text


def _fold(line: str) -> str:
    """At most 75 octets a line, never inside a character."""
    folded, octets = [""], 0
    for char in line:
        size = len(char.encode("utf-8", "replace"))
        if octets + size > 75:
            folded.append(" ")
            octets = 1
        folded[-1] += char
        octets += size
    return "\r\n".join(folded)


def _markdown(campaign: CampaignRow, pieces: Sequence[PieceRow]) -> str:
    lines = [f"# B.A.I. · {_inline(campaign['month'])}", ""]
    themes = ", ".join(_inline(theme) for theme in campaign.get("themes", []))
    if themes:
        lines += [themes, ""]
    for piece in pieces:
        lines += _section(campaign, piece)
    return "\n".join(lines)


def _section(campaign: CampaignRow, piece: PieceRow) -> list[str]:
    labels, script = _labels(campaign), piece["script"]
    kind = labels.get(piece["kind"], _inline(piece["kind"]))
    lines = [f"## {piece['position']}. {kind} · {_inline(_platform_name(piece))}", ""]
    lines += [f"{_moment(piece):%Y-%m-%d %H:%M} UTC · {_inline(piece['status'])} · v{piece['version']}", ""]
    lines += [*_quote(rendered_text(piece["text"], piece["hashtags"])), ""]
    if piece["media_brief"].strip():
        lines += [f"**{labels['media']}**", "", *_quote(piece["media_brief"]), ""]
    if script:
        lines += [f"**{labels['script']}**", "", f"{labels['hook']}: {_inline(script['hook'])}", ""]
        lines += [*(f"{number}. {_inline(line)}" for number, line in enumerate(_shot_lines(script), 1)), ""]
    return lines


def _quote(text: str) -> list[str]:
    """A block quote with the client's own line breaks; a line of text can't leave it."""
    lines = [_inline(line) for line in text.strip().splitlines()]
    breaks = [bool(line and after) for line, after in zip(lines, [*lines[1:], ""], strict=True)]
    return [f"> {line}{chr(92) if hard else ''}".rstrip() for line, hard in zip(lines, breaks, strict=True)]


def _inline(text: str) -> str:
    """One line in which nothing is markup: entities for HTML, backslashes for Markdown's own signs."""
    text = re.sub(r"[\x00-\x1f\x7f\x85\u2028\u2029\s]+", " ", text).strip()
    text = re.sub(r"[\\`*_{}\[\]()#!|~$^]", r"\\\g<0>", text)
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    text = re.sub(r"^[-+=:]", r"\\\g<0>", text)
    return re.sub(r"^(\d{1,9})([.)])", r"\1\\\2", text)


def _labels(campaign: CampaignRow) -> dict[str, str]:
    return LABELS.get(campaign.get("language", "es"), LABELS["en"])


def _platform_name(piece: PieceRow) -> str:
    platform = PLATFORMS.get(piece["platform"])
    return platform.name if platform else piece["platform"]
