"""What one templated piece is written from: its language's phrases, its register, its theme, its turn."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from content_planner.drafts import Brief, Slot
from content_planner.platform_rules import PLATFORMS, Platform
from content_planner.template_instructions import Wishes, folded
from content_planner.template_theme import capitalized, clean, inside, strip_emojis

T = TypeVar("T")

# How far each part moves from one variant to the next; different strides, so parts don't travel together.
STRIDES = {"hook": 3, "line": 5, "body": 5, "close": 5, "bridge": 2, "cta": 3}
TONES = {
    "friendly": r"cercan|amable|amigable|calid|familiar|informal|friendly|warm|casual|conversa|approachable",
    "professional": r"profesional|professional|formal|corporat|seri[oa]\b|serious|expert|tecnic|technical|instituc",
    "inspiring": r"inspir|motiv|aspira|emotiv|emocion|uplift|empower|optimis",
    "playful": r"divertid|gracios|humor|playful|fun\b|funny|desenfadad|jugueton|ludic|witty",
    "direct": r"direct|concis|clar[oa]\b|clear|breve|sin rodeos|straight|bold",
}


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything one piece is written from."""

    brief: Brief
    slot: Slot
    phrases: dict[str, Any]
    register: str
    platform: Platform
    theme: str
    variant: int
    wishes: Wishes
    emojis: bool

    def pick(self, pool: Sequence[T], label: str) -> T:
        seed = f"{self.brief.campaign_id}|{label}".encode("utf-8", "surrogatepass")
        start = int.from_bytes(hashlib.sha256(seed).digest()[:4], "big")
        return pool[(start + self.slot.position + STRIDES.get(label, 1) * self.variant) % len(pool)]

    def fill(self, phrase: str) -> str:
        places = self.phrases["place"]
        first, last = self.phrases["quotes"]
        words = {
            "T": capitalized(self.theme),
            "t": self.theme,
            "q": inside(self.theme, (first, last)),
            "place": places.get(self.platform.id, places["default"]),
        }
        for before, joined in self.phrases["elisions"].items():
            if self.theme.startswith("el ") and "{q}" in phrase:
                phrase, words["q"] = _elide(phrase, words["q"], before, joined)
        text = phrase.format(**words)
        if self.theme[-1] in "?!…":
            text = re.sub(rf"({re.escape(self.theme[1:])})[.,:]", r"\1", text)
        return text if self.emojis else strip_emojis(text)


def desk_for(brief: Brief, slot: Slot, wishes: Wishes, variant: int) -> Desk:
    phrases, platform = _phrases(brief.language), PLATFORMS[slot.platform]
    emojis = "no_emojis" not in wishes
    theme = clean(slot.theme, refused=platform.forbidden_characters, emojis=emojis) or phrases["no_theme"]
    register = register_of(brief.tone_of_voice) or "neutral"
    return Desk(brief, slot, phrases, register, platform, theme, variant, wishes, emojis)


@cache
def _phrases(language: str) -> dict[str, Any]:
    path = Path(__file__).with_name(f"template_phrases_{language}.json")
    phrases: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return phrases


def register_of(tone: str) -> str | None:
    """The register whose word comes first in the tone; None when the tone has none of ours."""
    plain = folded(tone)
    found = [(match.start(), name) for name, stems in TONES.items() if (match := re.search(rf"\b(?:{stems})", plain))]
    return min(found)[1] if found else None


def _elide(phrase: str, theme: str, before: str, joined: str) -> tuple[str, str]:
    head = before.removesuffix("el ") + "{q}"
    return (phrase.replace(head, joined + "{q}"), theme[3:]) if head in phrase else (phrase, theme)
