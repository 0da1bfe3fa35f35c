from __future__ import annotations

import csv
import io
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from content_planner.exports import CSV_COLUMNS, CampaignRow, PieceRow, export

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
CAMPAIGN: CampaignRow = {"id": "0192-abc", "month": "2026-12", "themes": ["Café", "Té"], "language": "es"}
NASTY = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "＝1",
    "a\nBEGIN:VEVENT",
    "a\u2028END:VCALENDAR",
    "<img src=x>",
]


def piece(**changes: Any) -> PieceRow:
    row: PieceRow = {
        "id": "p-1",
        "kind": "post",
        "position": 1,
        "platform": "instagram",
        "text": "Hola; ¿qué tal, bien?\n\nAdiós \\ fin",
        "hashtags": ["#Café"],
        "media_brief": "Una taza",
        "script": None,
        "scheduled_for": datetime(2026, 12, 3, 11, tzinfo=UTC),
        "version": 2,
        "status": "approved",
    }
    row.update(changes)  # type: ignore[typeddict-item]
    return row


REEL = piece(
    id="p-5",
    kind="reel",
    position=5,
    scheduled_for="2026-12-29T17:00:00Z",
    status="draft",
    script={"hook": "Mira", "caption": "Hola", "shots": [{"seconds": 4, "visual": "Plano", "voice": "Hola"}]},
)
client_text = st.one_of(st.text(max_size=200), st.sampled_from(NASTY))


def csv_rows(*pieces: PieceRow) -> list[dict[str, str]]:
    body = export("csv", CAMPAIGN, pieces).body.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(body, newline="")))


def ics_lines(*pieces: PieceRow) -> list[str]:
    body = export("ics", CAMPAIGN, pieces, now=NOW).body.decode()
    return body.replace("\r\n ", "").removesuffix("\r\n").split("\r\n")


def ics_value(lines: list[str], name: str) -> str:
    value = next(line.split(":", 1)[1] for line in lines if line.startswith(f"{name}:"))
    return re.sub(r"\\(.)", lambda found: "\n" if found[1] == "n" else found[1], value)


def markdown(*pieces: PieceRow) -> str:
    return export("md", CAMPAIGN, pieces).body.decode()


def test_each_format_has_its_name_and_type() -> None:
    files = [export(kind, CAMPAIGN, [piece()], now=NOW) for kind in ("csv", "ics", "md")]
    assert [file.filename for file in files] == [f"campaign-2026-12-0192-abc.{end}" for end in ("csv", "ics", "md")]
    assert [file.content_type.split(";")[0] for file in files] == ["text/csv", "text/calendar", "text/markdown"]


def test_a_file_name_can_not_carry_a_path_or_a_header() -> None:
    bad: CampaignRow = {"id": '../x"\r\ny', "month": "2026-12"}
    assert re.fullmatch(r"campaign-[0-9A-Za-z-]+\.csv", export("csv", bad, []).filename)


def test_pieces_come_in_order_of_position() -> None:
    assert [row["position"] for row in csv_rows(REEL, piece())] == ["1", "5"]
    uids = [line for line in ics_lines(REEL, piece()) if line.startswith("UID")]
    assert uids == ["UID:p-1@content-planner.bai", "UID:p-5@content-planner.bai"]


def test_a_campaign_without_pieces_is_still_a_valid_file() -> None:
    assert csv_rows() == []
    assert export("csv", CAMPAIGN, []).body.decode("utf-8-sig").count("\r\n") == 1
    assert ics_lines()[-1] == "END:VCALENDAR"


# CSV


def test_csv_opens_in_excel_as_utf_8_and_reads_back() -> None:
    assert export("csv", CAMPAIGN, [piece()]).body.startswith(b"\xef\xbb\xbf")
    row = csv_rows(REEL)[0]
    assert tuple(row) == CSV_COLUMNS
    assert row["text"] == "Hola; ¿qué tal, bien?\n\nAdiós \\ fin"
    assert row["scheduled_for"] == "2026-12-29T17:00:00Z"
    assert (row["hashtags"], row["script_hook"]) == ("#Café", "Mira")
    assert row["script_shots"] == "4 s · Plano · Hola"


@given(client_text, client_text)
def test_no_csv_cell_starts_like_a_formula_and_nothing_else_is_lost(text: str, tag: str) -> None:
    row = csv_rows(piece(text=text, media_brief=text, hashtags=[tag]))[0]
    for cell in row.values():
        assert not cell or cell[0] not in "=+-@\t\r\n＝＋－＠"
    expected = text.replace("\0", "")
    assert row["text"] in (expected, f"'{expected}")


# ICS


def test_ics_has_what_rfc_5545_asks_for() -> None:
    lines = ics_lines(piece())
    assert lines[0] == "BEGIN:VCALENDAR" and "VERSION:2.0" in lines
    assert "UID:p-1@content-planner.bai" in lines
    assert "DTSTAMP:20261123T100000Z" in lines
    assert "DTSTART:20261203T110000Z" in lines
    assert "DURATION:PT30M" in lines
    assert "STATUS:CONFIRMED" in lines and "SEQUENCE:2" in lines
    assert ics_value(lines, "DESCRIPTION") == "Hola; ¿qué tal, bien?\n\nAdiós \\ fin\n\n#Café"
    assert ics_value(lines, "SUMMARY") == "Instagram · Publicación · Hola; ¿qué tal, bien?"


def test_a_time_with_an_offset_is_written_in_utc() -> None:
    assert "DTSTART:20261203T110000Z" in ics_lines(piece(scheduled_for="2026-12-03T12:00:00+01:00"))


@given(client_text)
def test_no_ics_line_is_over_75_octets_and_none_breaks_a_character(text: str) -> None:
    body = export("ics", CAMPAIGN, [piece(text=text), REEL], now=NOW).body
    assert body.endswith(b"\r\n")
    for line in body.removesuffix(b"\r\n").split(b"\r\n"):
        assert len(line) <= 75
        line.decode("utf-8")
        assert b"\n" not in line and b"\r" not in line


@given(client_text)
def test_client_text_never_becomes_a_calendar_property(text: str) -> None:
    lines = ics_lines(piece(text=text))
    names = [re.split("[:;]", line)[0] for line in lines]
    assert names == [re.split("[:;]", line)[0] for line in ics_lines(piece(text="hola"))]
    assert export("ics", CAMPAIGN, [piece(text=text)], now=NOW).body.decode().splitlines() == re.split(
        "\r\n", export("ics", CAMPAIGN, [piece(text=text)], now=NOW).body.decode().removesuffix("\r\n")
    )


# Markdown


def test_markdown_shows_the_month_as_a_person_reads_it() -> None:
    page = markdown(piece(), REEL)
    assert page.startswith("# B.A.I. · 2026-12\n\nCafé, Té\n")
    assert "## 1. Publicación · Instagram" in page and "## 5. Reel · Instagram" in page
    assert "> Hola; ¿qué tal, bien?\n>\n> Adiós \\\\ fin\n>\n> \\#Café" in page
    assert "1. 4 s · Plano · Hola" in page


@pytest.mark.parametrize(
    "text",
    [
        "# título",
        "> cita",
        "- lista",
        "1. uno",
        "1) uno",
        "===",
        "---",
        "***",
        "```",
        "~~~",
        "    código",
        "| a | b |",
        "[x](javascript:alert(1))",
        "![x](y)",
        "<script>",
        "&lt;b&gt;",
        "_a_ **b**",
        "a\n===",
        "a\n## b",
        "\tcódigo",
        "+ a",
    ],
)
def test_client_text_never_becomes_markup(text: str) -> None:
    quoted = [
        line[2:] for line in markdown(piece(text=text, hashtags=[], media_brief="")).splitlines() if line[:2] == "> "
    ]
    assert quoted
    for line in quoted:
        assert not re.match(r"\s|[#>+=|~`-]|\d+[.)]|:", line)
        assert "<" not in line and ">" not in line
        assert not re.search(r"(?<!\\)[*_`\[\]!|]", line.replace("\\\\", ""))


@given(client_text, client_text)
def test_the_headings_of_a_markdown_file_are_only_ours(text: str, brief: str) -> None:
    page = markdown(piece(text=text, media_brief=brief), REEL)
    assert [line[:4] for line in page.split("\n") if line.startswith("#")] == ["# B.", "## 1", "## 5"]
    assert "<" not in page
