"""The embedded default writer: honest copy from the brief's themes, its tone and the platform's rules.

Deterministic, offline and free. It states no fact about the client: what it does not know, it asks.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

from content_planner.drafts import PIECES, Brief, PieceDraft, Script, Shot, Slot
from content_planner.platform_rules import check
from content_planner.template_desk import Desk, desk_for
from content_planner.template_instructions import Wishes, read_wishes
from content_planner.template_media import granted, media_brief
from content_planner.template_theme import clean, clip, emojis_in, hashtags_from, own_hashtags, strip_emojis

# From the least to the most text; a platform starts at its own level and goes down until the piece fits.
LAYOUTS: tuple[tuple[tuple[str, ...], ...], ...] = (
    (("hook",),),
    (("hook", "line"), ("hook", "cta")),
    (("hook", "line", "cta"), ("hook", "bridge", "cta")),
    (("hook", "bridge", "body", "cta"), ("hook", "body", "cta"), ("hook", "body", "close", "cta")),
    (("hook", "bridge", "body", "close", "cta"), ("hook", "body", "close", "cta"), ("bridge", "hook", "body", "cta")),
)
LEVELS = {"x": 2, "threads": 2, "tiktok": 2, "pinterest": 2, "instagram": 3, "facebook": 3, "youtube": 3, "linkedin": 4}
REEL_LEVEL = 2


def write(
    brief: Brief,
    slot: Slot,
    *,
    instruction: str | None = None,
    previous: PieceDraft | None = None,
    variant: int = 0,
) -> PieceDraft:
    """The piece for this slot; the same arguments give the same piece.

    With `previous`, the text differs from it; what the instruction asked and could not be done is said in media_brief.
    """
    wishes = read_wishes(instruction)
    turns = (_draft(desk_for(brief, slot, wishes, variant + again), previous) for again in range(8))
    if previous is None:
        draft, desk = next(turns)
    else:
        draft, desk = max(turns, key=lambda turn: _progress(turn[0], previous, wishes))
    return draft.model_copy(update={"media_brief": media_brief(desk, draft, previous)})


def _progress(draft: PieceDraft, previous: PieceDraft, wishes: Wishes) -> tuple[bool, int]:
    return draft.text != previous.text, sum(granted(wish, draft, previous) for wish in wishes.understood)


def _draft(desk: Desk, previous: PieceDraft | None) -> tuple[PieceDraft, Desk]:
    for fitting in _ever_shorter(desk, previous):
        text, hashtags, used = fitting
        script = _script(used, text) if desk.slot.kind == "reel" else None
        if not any(w.level == "error" for w in check(desk.platform.id, desk.slot.kind, text, hashtags, script)):
            kind, platform = desk.slot.kind, desk.slot.platform
            return PieceDraft(kind=kind, platform=platform, text=text, hashtags=hashtags, script=script), used
    raise AssertionError("one clipped line always fits: the smallest limit is 280")


def _ever_shorter(desk: Desk, previous: PieceDraft | None) -> Iterator[tuple[str, list[str], Desk]]:
    tags = _hashtags(desk, previous)
    level = REEL_LEVEL if desk.slot.kind == "reel" else LEVELS[desk.platform.id]
    level += ("longer" in desk.wishes) - ("shorter" in desk.wishes)
    for lower in range(min(level, len(LAYOUTS) - 1), -1, -1):
        layouts = [layout for layout in LAYOUTS[lower] if layout[0] == "hook" or _may_open_with_a_maxim(desk)]
        text = _compose(desk, desk.pick(layouts, "layout"))
        if "shorter" in desk.wishes and lower and previous and not granted("shorter", text, previous):
            continue
        yield text, tags, desk
        yield text, tags[:1], desk
    for length in (80, 40, 20):
        clipped = replace(desk, theme=clip(desk.theme, length))
        yield _compose(clipped, ("hook",)), tags[:1], clipped
        yield _compose(clipped, ("hook",)), [], clipped


def _may_open_with_a_maxim(desk: Desk) -> bool:
    return desk.register in ("professional", "inspiring") and "question" not in desk.wishes


def _compose(desk: Desk, layout: tuple[str, ...]) -> str:
    parts = {name: _part(desk, name) for name in layout}
    if {*emojis_in(parts.get("hook", ""))} & {*emojis_in(parts.get("cta", ""))}:
        parts["cta"] = strip_emojis(parts["cta"])
    if desk.platform.id == "facebook" and layout[:2] == ("hook", "bridge"):
        parts["hook"] += " " + parts.pop("bridge")
    return (" " if desk.platform.id == "pinterest" else "\n\n").join(parts.values())


def _part(desk: Desk, name: str) -> str:
    register = desk.phrases["registers"][desk.register]
    if name == "hook":
        return desk.fill(desk.pick(_hooks(desk, register["ask"], register["say"]), "hook"))
    if name in ("bridge", "cta"):
        return desk.fill(desk.pick(register[name], name))
    structure = desk.pick(desk.phrases["structures"][register["voice"]], "body")
    return desk.fill("\n".join(structure["body"]) if name == "body" else structure[name])


def _hooks(desk: Desk, asking: list[str], saying: list[str]) -> list[str]:
    both = [hook for pair in zip(asking, saying, strict=True) for hook in pair]
    if desk.theme[-1] in "?!…":
        # A theme that ends its own sentence reads well only where the phrase ends with it too.
        closing = [hook for hook in both if "{T}." in hook or "{t}." in hook]
        if "question" in desk.wishes:
            return ["{T}."] if desk.theme[-1] == "?" else [hook for hook in asking if "{q}" in hook]
        month = (desk.slot.model_copy(update={"position": position}) for position in range(1, PIECES + 1))
        taken = {replace(desk, slot=slot).pick(both, "hook") for slot in month}
        return [hook for hook in closing if hook not in taken] or closing
    return asking if "question" in desk.wishes else both


def _hashtags(desk: Desk, previous: PieceDraft | None) -> list[str]:
    if "no_hashtags" in desk.wishes:
        return []
    tags = own_hashtags(desk.theme) if desk.theme != desk.phrases["no_theme"] else []
    wanted, now = desk.platform.recommended_hashtags, len(previous.hashtags) if previous else len(tags)
    if "fewer_hashtags" in desk.wishes:
        wanted = max(min(now, wanted) - 1, 0)
    if "more_hashtags" in desk.wishes:
        tags, wanted = hashtags_from(desk.theme, desk.brief.themes), max(now, wanted) + 2
    limit = desk.platform.max_hashtags
    return tags[: wanted if limit is None else min(wanted, limit)]


def _script(desk: Desk, caption: str) -> Script:
    spoken = clean(desk.theme, emojis=False) or desk.phrases["no_theme"]
    speaker = replace(desk, theme=spoken, emojis=False)
    reels = desk.phrases["reels"]
    scenes = reels[desk.phrases["registers"][desk.register]["voice"]]
    chosen = desk.pick(scenes, "body")
    if "shorter" in desk.wishes:
        chosen = min(scenes, key=len)
    if "longer" in desk.wishes:
        chosen = max(scenes, key=len)
    hook, farewell = _part(speaker, "hook"), _part(speaker, "cta")
    shots = [
        _shot(speaker.fill(speaker.pick(reels["opening"], "opening")), hook),
        *(_shot(scene["visual"], scene["voice"]) for scene in chosen),
        _shot(speaker.pick(reels["closing"], "closing"), farewell),
    ]
    return Script(hook=hook, shots=shots, caption=caption)


def _shot(visual: str, voice: str) -> Shot:
    # About 2.5 words a second; scripts without spaces are counted as five letters to a word.
    words = max(len(voice.split()), len(voice) / 12)
    return Shot(seconds=min(max(math.ceil(words / 2.5) + 1, 3), 9), visual=visual, voice=voice)
