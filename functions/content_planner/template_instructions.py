"""The few exact wishes the template writer can honour; every other clause is named as not understood."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

_TAGS = r"(?:hashtags?|etiquetas)"
_EMOJIS = r"(?:emojis?|emoticonos|emoticons)"
_WITHOUT = r"(?:sin|no|without|quita(?: los| las)?|remove(?: the| all)?|ningun)"
_WISHES = {
    "shorter": r"mas (?:corto|corta|breve|conciso|concisa)|acortal[oa]|acorta"
    r"|shorter|briefer|shorten(?: it)?|more concise",
    "longer": r"mas (?:largo|larga|extenso|extensa)|alargal[oa]|alarga|longer|lengthen(?: it)?",
    "more_hashtags": rf"(?:mas|more) {_TAGS}",
    "fewer_hashtags": rf"(?:menos|fewer|less) {_TAGS}",
    "no_hashtags": rf"{_WITHOUT} (?:(?:any|ningun) )?{_TAGS}",
    "no_emojis": rf"{_WITHOUT} (?:(?:any|ningun) )?{_EMOJIS}",
    "question": r"(?:(?:empieza|empezar|starts?|starting|comienza) (?:con |with )?)?(?:una |a )?(?:pregunta|question)"
    r"|(?:como|en forma de|as an?|ask an?) (?:pregunta|question)",
    "another": r"otr[oa](?: (?:version|estructura|opcion))?|another(?: (?:version|structure|option|one))?"
    r"|(?:a )?different(?: (?:version|structure|one))?|(?:una version )?distint[oa]|de nuevo|otra vez|try again|again",
}
_POLITE = re.compile(
    r"^(?:por favor|please|hazl[oa]|hacerl[oa]|que sea|quiero|dame|i want|give me|make (?:it|this)|un poco"
    r"|a (?:bit|little)|mucho|much|algo|con|with|usa|use|pon|add|anade|texto|text|prueba|try) (?!again)"
    r"|(?: por favor| please)$"
)
_BETWEEN = re.compile(r"[,;.!\n]+|\s+(?:y|e|and|pero|but)\s+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Wishes:
    understood: frozenset[str] = frozenset()
    not_understood: tuple[str, ...] = ()

    def __contains__(self, wish: str) -> bool:
        return wish in self.understood


def read_wishes(instruction: str | None) -> Wishes:
    understood: set[str] = set()
    not_understood: list[str] = []
    for clause in _BETWEEN.split(instruction or ""):
        wish = _wish(clause)
        if wish:
            understood.add(wish)
        elif clause.strip():
            not_understood.append(clause.strip())
    for one, other in (("shorter", "longer"), ("more_hashtags", "fewer_hashtags"), ("more_hashtags", "no_hashtags")):
        if {one, other} <= understood:  # nobody can do both: neither is done, and both are said
            understood -= {one, other}
            not_understood.append(f"{one} + {other}".replace("_", " "))
    return Wishes(frozenset(understood), tuple(not_understood))


def _wish(clause: str) -> str | None:
    plain = folded(clause)
    while (shorter := _POLITE.sub("", plain).strip()) != plain:
        plain = shorter
    return next((wish for wish, pattern in _WISHES.items() if re.fullmatch(pattern, plain)), None)


def folded(text: str) -> str:
    """Lower case, no accents, single spaces: how a person's few words are compared."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(char for char in letters if not unicodedata.combining(char))
    return re.sub(r"\s+", " ", kept).strip(" ¿?¡!.\"'«»“”:")
