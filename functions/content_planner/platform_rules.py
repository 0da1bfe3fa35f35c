"""What each social platform accepts, from platform_rules.json, and whether a piece keeps to it.

Knows nothing of campaigns, storage or who wrote the piece.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from content_planner.drafts import Script

Counting = Literal["utf16", "utf8_bytes", "x_weighted", "threads"]
Level = Literal["error", "warning"]

MAX_HASHTAG_CHARS = 100
URL_WEIGHT_ON_X = 23
EMOJI_WEIGHT_ON_X = 2


@dataclass(frozen=True, slots=True)
class Media:
    aspect_ratio: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Seconds:
    min: int
    max: int


@dataclass(frozen=True, slots=True)
class Platform:
    id: str
    name: str
    max_chars: int
    counting: Counting
    max_hashtags: int | None
    recommended_hashtags: int
    hashtags_count_in_text: bool
    forbidden_characters: str
    post_media: Media
    reel_media: Media
    reel_seconds: Seconds
    video_rank: int
    posting_weekdays: tuple[int, ...]
    posting_hours: tuple[int, ...]
    source: str
    checked_on: str
    note: str


@dataclass(frozen=True, slots=True)
class RuleFinding:
    code: str
    level: Level
    detail: str


class _Platforms(Mapping[str, Platform]):
    """Reads the data file on first use: an entry that never looks at a platform does not pay for it."""

    def __getitem__(self, platform_id: str) -> Platform:
        return _load()[platform_id]

    def __iter__(self) -> Iterator[str]:
        return iter(_load())

    def __len__(self) -> int:
        return len(_load())


PLATFORMS: Mapping[str, Platform] = _Platforms()


@cache
def _load() -> dict[str, Platform]:
    raw = json.loads(Path(__file__).with_name("platform_rules.json").read_text(encoding="utf-8"))
    return {row["id"]: _platform(row) for row in raw["platforms"]}


def _platform(row: dict[str, Any]) -> Platform:
    return Platform(
        **row
        | {
            "post_media": Media(**row["post_media"]),
            "reel_media": Media(**row["reel_media"]),
            "reel_seconds": Seconds(**row["reel_seconds"]),
            "posting_weekdays": tuple(row["posting_weekdays"]),
            "posting_hours": tuple(row["posting_hours"]),
        }
    )


@cache
def emoji_pattern() -> re.Pattern[str]:
    """One emoji as people see it: flags, keycaps and joined sequences count as one."""
    one = (
        "(?:[\U0001f000-\U0001f1e5\U0001f200-\U0001f3fa\U0001f400-\U0001faff\u2600-\u27bf\u2b00-\u2bff\u2300-\u23ff]"
        "[\ufe0f\U0001f3fb-\U0001f3ff]*|[^\\s\\w]\ufe0f)[\U000e0020-\U000e007f]*"
    )
    flag = "[\U0001f1e6-\U0001f1ff]{2}"
    return re.compile(f"{flag}|[0-9#*]\ufe0f?\u20e3|{one}(?:\u200d{one})*|[\U0001f1e6-\U0001f1ff\U0001f3fb-\U0001f3ff]")


@cache
def _url_pattern() -> re.Pattern[str]:
    endings = "com|org|net|info|biz|io|ai|app|dev|shop|store|online|es|mx|ar|co|cl|pe|eu|us|uk|de|fr|it|pt|tv|me"
    bare = rf"(?<![\w@.])(?:[a-z0-9-]+\.)+(?:{endings})\b(?:/[^\s]*)?"
    return re.compile(rf"(?:https?://[^\s]+|{bare})(?<![.,;:!?)\]'\"»”])", re.IGNORECASE)


@cache
def _hashtag_pattern() -> re.Pattern[str]:
    return re.compile(r"(?<![\w&/#])[#＃](\w+)")


def count_chars(platform_id: str, text: str) -> int:
    """The length of `text` as that platform counts it, whatever its limit."""
    match PLATFORMS[platform_id].counting:
        case "x_weighted":
            return _weigh_for_x(unicodedata.normalize("NFC", text))
        case "utf8_bytes":
            return len(text.encode("utf-8", "surrogatepass"))
        case "threads":
            emojis = emoji_pattern().findall(text)
            return len(text) + sum(len(e.encode()) - len(e) for e in emojis)
        case "utf16":
            return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _weigh_for_x(text: str) -> int:
    text, urls = _url_pattern().subn("", text)
    text, emojis = emoji_pattern().subn("", text)
    return urls * URL_WEIGHT_ON_X + emojis * EMOJI_WEIGHT_ON_X + sum(map(_weight_on_x, text))


def _weight_on_x(char: str) -> int:
    # The four ranges of weight one in twitter-text's config/v3.json.
    point = ord(char)
    light = point <= 0x10FF or 0x2000 <= point <= 0x200D or 0x2010 <= point <= 0x201F or 0x2032 <= point <= 0x2037
    return 1 if light else 2


def normalize_hashtag(hashtag: str) -> str:
    """One leading #, composed accents, no space around: the form that is kept and shown."""
    return "#" + unicodedata.normalize("NFC", hashtag).strip().lstrip("#＃").strip()


def is_hashtag(hashtag: str) -> bool:
    """Whether platforms link the whole of it: letters, marks, digits and _, and not digits alone."""
    word = normalize_hashtag(hashtag)[1:]
    kinds = [unicodedata.category(char) for char in word]
    linked = all(kind[0] in "LM" or kind == "Nd" or char == "_" for kind, char in zip(kinds, word, strict=True))
    return linked and any(kind[0] == "L" for kind in kinds) and kinds[0][0] != "M" and len(word) < MAX_HASHTAG_CHARS


def hashtags_in(text: str) -> list[str]:
    """The hashtags written inside the text itself; they count against a platform's limit too."""
    return ["#" + word for word in _hashtag_pattern().findall(text) if is_hashtag(word)]


def rendered_text(text: str, hashtags: Sequence[str]) -> str:
    """What is pasted on the platform: the text, an empty line, the hashtags."""
    return "\n\n".join(part for part in (text.strip(), " ".join(map(normalize_hashtag, hashtags))) if part)


def check(
    platform_id: str,
    kind: str,
    text: str,
    hashtags: Sequence[str],
    script: Script | Mapping[str, Any] | None = None,
) -> list[RuleFinding]:
    """Everything about the piece that the platform refuses (error) or that is worth a second look (warning)."""
    platform = PLATFORMS.get(platform_id.lower())
    if platform is None:
        return [RuleFinding("unknown_platform", "error", f"{platform_id[:40]} is not a platform we publish for.")]
    return [
        *_check_text(platform, text, hashtags),
        *_check_hashtags(platform, text, hashtags),
        *_check_script(platform, kind, hashtags, script),
    ]


def _check_text(platform: Platform, text: str, hashtags: Sequence[str], code: str = "text") -> Iterator[RuleFinding]:
    if not text.strip():
        yield RuleFinding(f"empty_{code}", "error", f"The {code} is empty.")
    whole = rendered_text(text, hashtags) if platform.hashtags_count_in_text else text
    length = count_chars(platform.id, whole)
    if length > platform.max_chars:
        detail = f"{length} of {platform.max_chars} characters, as {platform.name} counts them with hashtags."
        yield RuleFinding(f"{code}_too_long", "error", detail)
    found = sorted(set(platform.forbidden_characters) & set(whole))
    if found:
        detail = f"{platform.name} refuses {' '.join(found)} in the {code}."
        yield RuleFinding("forbidden_character", "error", detail)


def _check_hashtags(platform: Platform, text: str, hashtags: Sequence[str]) -> Iterator[RuleFinding]:
    for hashtag in hashtags:
        if not is_hashtag(hashtag):
            detail = f"{normalize_hashtag(hashtag)[:60]} would not become a link: letters, digits and _ only."
            yield RuleFinding("malformed_hashtag", "error", detail)
    every = [normalize_hashtag(h).casefold() for h in [*hashtags, *hashtags_in(text)]]
    repeated = sorted({h for h in every if every.count(h) > 1})
    if repeated:
        yield RuleFinding("duplicate_hashtag", "warning", f"More than once: {' '.join(repeated)[:200]}")
    count = len(every)
    if platform.max_hashtags is not None and count > platform.max_hashtags:
        detail = f"{count} hashtags; {platform.name} takes {platform.max_hashtags}."
        yield RuleFinding("too_many_hashtags", "error", detail)
    elif count > platform.recommended_hashtags:
        detail = f"{count} hashtags; {platform.recommended_hashtags} work well on {platform.name}."
        yield RuleFinding("many_hashtags", "warning", detail)


def _check_script(
    platform: Platform, kind: str, hashtags: Sequence[str], script: Script | Mapping[str, Any] | None
) -> Iterator[RuleFinding]:
    if kind != "reel":
        if script:
            yield RuleFinding("post_with_script", "warning", "A post has no script; it will not be used.")
        return
    fields: Mapping[str, Any] = script if isinstance(script, Mapping) else script.model_dump() if script else {}
    shots = fields.get("shots") or []
    if not shots:
        yield RuleFinding("reel_without_script", "error", "A reel needs a script with at least one shot.")
        return
    seconds = sum(shot["seconds"] for shot in shots)
    bounds = platform.reel_seconds
    if not bounds.min <= seconds <= bounds.max:
        code = "reel_too_short" if seconds < bounds.min else "reel_too_long"
        yield RuleFinding(code, "error", f"{seconds} s; {platform.name} takes {bounds.min} to {bounds.max} s.")
    if not str(fields.get("hook") or "").strip():
        yield RuleFinding("reel_without_hook", "warning", "The first seconds have no hook.")
    yield from _check_text(platform, str(fields.get("caption") or ""), hashtags, "caption")
