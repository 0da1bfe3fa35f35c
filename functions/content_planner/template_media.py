"""The media brief of a templated piece: what to show, in which format and tone, and what became of the instruction."""

from __future__ import annotations

from collections.abc import Iterator

from content_planner.drafts import PieceDraft
from content_planner.platform_rules import count_chars
from content_planner.template_desk import Desk, register_of
from content_planner.template_theme import clean, clip


def media_brief(desk: Desk, draft: PieceDraft, previous: PieceDraft | None) -> str:
    media = desk.phrases["media"]
    size = desk.platform.reel_media if draft.script else desk.platform.post_media
    seconds = sum(shot.seconds for shot in draft.script.shots) if draft.script else 0
    known = register_of(desk.brief.tone_of_voice) is not None
    tone = clip(clean(desk.brief.tone_of_voice), 100) or "—"
    register = desk.phrases["registers"][desk.register]["name"]
    lines = [
        media["format_reel" if draft.script else "format_post"].format(
            aspect=size.aspect_ratio, width=size.width, height=size.height, seconds=seconds
        ),
        desk.fill(desk.pick(media["reel_ideas" if draft.script else "ideas"], "idea")),
        media["tone" if known else "tone_unknown"].format(tone=tone, register=register),
        desk.pick(media["advice"], "advice"),
        *_notes(desk, draft, previous),
    ]
    return "\n".join(lines)[:1000]


def _notes(desk: Desk, draft: PieceDraft, previous: PieceDraft | None) -> Iterator[str]:
    notes = desk.phrases["notes"]
    done = [notes[wish] for wish in sorted(desk.wishes.understood) if granted(wish, draft, previous)]
    not_done = [notes[wish] for wish in sorted(desk.wishes.understood) if not granted(wish, draft, previous)]
    first, last = desk.phrases["quotes"]
    unread = [f"{first}{clip(clean(clause) or '…', 60)}{last}" for clause in desk.wishes.not_understood[:3]]
    for label, what in (("applied", done), ("not_possible", not_done), ("not_understood", unread)):
        if what:
            yield notes[label].format(what=", ".join(what))


def granted(wish: str, draft: PieceDraft | str, previous: PieceDraft | None) -> bool:
    """Measured on the result, so the note never claims what did not happen."""
    text = draft if isinstance(draft, str) else draft.text
    hashtags = [] if isinstance(draft, str) else draft.hashtags
    if wish == "question":
        return "?" in text.split("\n\n")[0]
    if previous is None or wish in ("no_emojis", "another"):
        return True
    length, before = count_chars(previous.platform, text), count_chars(previous.platform, previous.text)
    return {
        "shorter": length < before,
        "longer": length > before,
        "more_hashtags": len(hashtags) > len(previous.hashtags),
        "fewer_hashtags": len(hashtags) < len(previous.hashtags),
        "no_hashtags": not hashtags,
    }[wish]
