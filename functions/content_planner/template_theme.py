"""A client's theme as safe material for sentences and hashtags: whatever it looks like, it stays text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from content_planner.platform_rules import emoji_pattern, is_hashtag

MAX_TAG_LETTERS = 32
_SMALL = (
    "a al ante bajo con contra cómo como cuál cuándo de del desde dónde e el elegir en entre es ese esta este hacer"
    " hacia hasta la las lo los mas más mejor mejores mi muy ni no nuestro nuestra o para pero por que qué quién se si"
    " sí sin sobre su sus tener tu tus u un una unas uno unos usar y"
    " about an and are as at be best better but by choose do for from get has have how i if in into is it its make more"
    " my not of on or our so than that the their them then these they this to us use was we what when where which why"
    " with you your"
)
SMALL_WORDS = frozenset(_SMALL.split())
# Platforms that refuse angle brackets get the nearest characters a reader takes for them.
LOOKALIKES = {"<": "‹", ">": "›"}


def clean(text: str, *, refused: str = "", emojis: bool = True) -> str:
    """One line, no control or direction characters, hashtags as plain words; empty when nothing readable is left."""
    text = unicodedata.normalize("NFC", "".join(_readable(char) for char in text))
    if not emojis:
        text = strip_emojis(text)
    text = re.sub(r"(?<!\w)[#＃]+(?=\w*[^\W\d])", "", text)
    text = "".join(LOOKALIKES.get(char, "") if char in refused else char for char in text)
    text = re.sub(r"\s+", " ", text).strip(" .,;:-–—_*•·…")
    return text if any(char.isalnum() for char in text) or emoji_pattern().search(text) else ""


def _readable(char: str) -> str:
    category = unicodedata.category(char)
    if category == "Cf":
        joins_emojis_or_letters = char in "\u200c\u200d" or "\U000e0020" <= char <= "\U000e007f"
        return char if joins_emojis_or_letters else ""
    if category in ("Cs", "Co", "Cn"):
        return ""
    return " " if category[0] in "CZ" else char


def emojis_in(text: str) -> list[str]:
    return emoji_pattern().findall(text)


def strip_emojis(text: str) -> str:
    text = re.sub("[\ufe0e\ufe0f\u200d\u20e3]", "", emoji_pattern().sub("", text))
    text = re.sub(r"[ \t]+", " ", text)
    return re.sub(r" +([.,;:)\n]|$)", r"\1", text).strip()


def clip(text: str, length: int) -> str:
    """At most `length` visible characters, cut between words where there are any, never inside an emoji."""
    marks = "\u0300-\u036f\ufe0e\ufe0f\u200c\u200d"
    clusters = re.findall(rf"{emoji_pattern().pattern}|.[{marks}]*", text, re.DOTALL)
    if len(clusters) <= length:
        return text
    kept = "".join(clusters[: max(length - 1, 1)])
    at_word = kept.rsplit(" ", 1)[0]
    return (at_word if len(at_word) * 2 >= len(kept) else kept).rstrip(" .,;:") + "…"


def inside(theme: str, quotes: tuple[str, str]) -> str:
    """The theme in the middle of a sentence: as it is when it reads on, quoted when it has its own capital or marks."""
    reads_on = theme[0].islower() or not theme[0].isalpha() or theme.split(maxsplit=1)[0].isupper()
    return theme if reads_on and theme[-1] not in "?!" else f"{quotes[0]}{theme}{quotes[1]}"


def capitalized(theme: str) -> str:
    for index, char in enumerate(theme):
        if char.isalpha():
            first_word = theme[index:].split(maxsplit=1)[0]
            # iPhone keeps its own capitals, and "5 ideas" starts with the figure.
            keeps = first_word != first_word.lower() or any(c.isdigit() for c in theme[:index])
            return theme if keeps else theme[:index] + char.upper() + theme[index + 1 :]
    return theme


def hashtags_from(theme: str, others: list[str]) -> list[str]:
    """The whole theme, then its own words, then the month's other themes: most to the point first."""
    found: dict[str, str] = {}
    for tag in [*_own_tags(theme), *(tag for other in others for tag in _whole_tag(other))]:
        if is_hashtag(tag):
            found.setdefault(tag.casefold(), tag)
    return list(found.values())


def own_hashtags(theme: str) -> list[str]:
    return hashtags_from(theme, [])


def _own_tags(theme: str) -> Iterator[str]:
    words = _words(theme)
    yield from _whole_tag(theme)
    if len(words) > 1:
        yield from ("#" + _camel(word) for word in words if 4 <= len(word) <= MAX_TAG_LETTERS and not _small(word))


def _whole_tag(theme: str) -> Iterator[str]:
    words = _words(theme)
    if sum(map(len, words)) > MAX_TAG_LETTERS:
        words = [word for word in words if not _small(word)]
    kept = ""
    for word in words:
        if len(kept) + len(word) > MAX_TAG_LETTERS:
            break
        kept += _camel(word)
    if kept:
        yield "#" + unicodedata.normalize("NFC", kept)


def _words(theme: str) -> list[str]:
    theme = re.sub(r"(?<=\w)['’](?=\w)", "", theme)
    kept = "".join(c if unicodedata.category(c)[0] in "LM" or unicodedata.category(c) == "Nd" else " " for c in theme)
    return kept.split()


def _camel(word: str) -> str:
    return word[0].upper() + word[1:]


def _small(word: str) -> bool:
    return word.casefold() in SMALL_WORDS
