from __future__ import annotations

import subprocess
import sys
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from content_planner.drafts import Script, Shot
from content_planner.platform_rules import (
    PLATFORMS,
    check,
    count_chars,
    hashtags_in,
    is_hashtag,
    normalize_hashtag,
    rendered_text,
)

EIGHT = {"instagram", "facebook", "linkedin", "x", "tiktok", "threads", "youtube", "pinterest"}


def codes(*args: Any) -> set[str]:
    return {warning.code for warning in check(*args)}


def errors(*args: Any) -> set[str]:
    return {warning.code for warning in check(*args) if warning.level == "error"}


def script(seconds: int, caption: str = "Hola") -> Script:
    shots = [Shot(seconds=min(60, seconds - done), visual="plano") for done in range(0, seconds, 60)]
    return Script(hook="Mira", shots=shots, caption=caption)


def test_every_platform_of_the_contract_has_rules_with_a_source_and_a_date() -> None:
    assert set(PLATFORMS) == EIGHT
    for platform in PLATFORMS.values():
        assert platform.source.startswith("https://")
        assert date.fromisoformat(platform.checked_on) <= datetime.now(UTC).date()
        assert platform.max_hashtags is None or platform.recommended_hashtags <= platform.max_hashtags
        assert 0 < platform.reel_seconds.min < platform.reel_seconds.max
        assert set(platform.posting_weekdays) <= set(range(7)) and set(platform.posting_hours) <= set(range(24))


def test_video_ranks_are_all_different_so_that_the_reel_has_one_home() -> None:
    assert len({platform.video_rank for platform in PLATFORMS.values()}) == len(EIGHT)


def test_importing_the_rules_reads_no_file() -> None:
    code = "import content_planner.platform_rules as r; print(r._load.cache_info().currsize)"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "0"


@pytest.mark.parametrize(
    ("text", "weight"),
    [
        ("hola", 4),
        ("cafe\u0301", 4),
        ("日本", 4),
        ("☕", 2),
        ("👨‍👩‍👧‍👦", 2),
        ("👍🏽", 2),
        ("🇲🇽🇪🇸", 4),
        ("1️⃣", 2),
        ("https://example.com/una/ruta/muy/larga?con=parametros&y=mas", 23),
        ("Lee https://example.com.", 28),
        ("Visita acme.es!", 31),
        ("“comillas” – guion", 18),
        ("«ñ»", 3),
        ("…", 2),
    ],
)
def test_x_weighs_urls_emojis_and_wide_characters_as_twitter_text_does(text: str, weight: int) -> None:
    assert count_chars("x", text) == weight


def test_threads_counts_an_emoji_as_its_bytes_and_youtube_counts_bytes() -> None:
    assert count_chars("threads", "hola ☕") == 5 + 3
    assert count_chars("threads", "ñandú") == 5
    assert count_chars("youtube", "ñandú") == 7
    assert count_chars("tiktok", "a🎉") == 3


@given(st.sampled_from(sorted(EIGHT)), st.text(max_size=400))
def test_counting_and_checking_never_fail_whatever_the_text(platform: str, text: str) -> None:
    assert count_chars(platform, text) >= 0
    check(platform, "post", text, [text[:50]])


@pytest.mark.parametrize("platform", sorted(EIGHT))
def test_a_text_at_the_limit_passes_and_one_over_it_is_an_error(platform: str) -> None:
    limit = PLATFORMS[platform].max_chars
    assert errors(platform, "post", "a" * limit, []) == set()
    assert errors(platform, "post", "a" * (limit + 1), []) == {"text_too_long"}


def test_hashtags_count_in_the_length_as_they_will_be_pasted() -> None:
    assert rendered_text("a" * 270, ["#cafe", "te"]) == "a" * 270 + "\n\n#cafe #te"
    assert errors("x", "post", "a" * 270, ["#cafe", "te"]) == {"text_too_long"}
    assert errors("x", "post", "a" * 269, ["#cafe", "te"]) == set()


def test_too_many_hashtags_is_an_error_only_where_the_platform_has_a_limit() -> None:
    six = ["#a", "#b", "#c", "#d", "#e", "#f"]
    assert "too_many_hashtags" in errors("instagram", "post", "hola", six)
    assert "too_many_hashtags" not in errors("instagram", "post", "hola", six[:5])
    assert "too_many_hashtags" in errors("threads", "post", "hola", six[:2])
    assert errors("linkedin", "post", "hola", six) == set()
    assert codes("linkedin", "post", "hola", six) == {"many_hashtags"}


def test_hashtags_written_inside_the_text_count_too() -> None:
    assert hashtags_in("C# y #café, #2026 no, a#b no, (#té)") == ["#café", "#té"]
    assert "too_many_hashtags" in errors("threads", "post", "hola #uno", ["#dos"])
    assert "duplicate_hashtag" in codes("instagram", "post", "hola #Café", ["#café"])


@pytest.mark.parametrize("bad", ["", "#", "con espacio", "café-bar", "2026", "a🎉", "<b>", "#a#b", "x" * 100])
def test_what_would_not_become_a_link_is_a_malformed_hashtag(bad: str) -> None:
    assert not is_hashtag(bad)
    assert "malformed_hashtag" in errors("linkedin", "post", "hola", [bad])


@pytest.mark.parametrize("good", ["café", "#CaféDeEspecialidad", "año_2026", "日本", "हिन्दी", "عيد", "cafe\u0301"])
def test_letters_of_any_script_make_a_hashtag(good: str) -> None:
    assert is_hashtag(good)
    assert normalize_hashtag(good).startswith("#") and not normalize_hashtag(good).startswith("##")


def test_the_same_hashtag_twice_is_a_warning_in_any_case() -> None:
    assert codes("linkedin", "post", "hola", ["#Café", "café"]) == {"duplicate_hashtag"}
    assert errors("linkedin", "post", "hola", ["#Café", "café"]) == set()


def test_an_empty_text_and_an_unknown_platform_are_errors() -> None:
    assert errors("x", "post", " \n", []) == {"empty_text"}
    assert errors("myspace", "post", "hola", []) == {"unknown_platform"}
    assert errors("Instagram", "post", "hola", []) == set()


def test_youtube_refuses_angle_brackets_and_the_others_do_not() -> None:
    assert errors("youtube", "post", "a < b", []) == {"forbidden_character"}
    assert errors("linkedin", "post", "a < b", []) == set()


def test_a_reel_needs_a_script_within_the_platforms_seconds() -> None:
    assert errors("instagram", "reel", "Hola", []) == {"reel_without_script"}
    assert errors("instagram", "reel", "Hola", [], {"hook": "a", "shots": [], "caption": "b"}) == {
        "reel_without_script"
    }
    assert errors("facebook", "reel", "Hola", [], script(90)) == set()
    assert errors("facebook", "reel", "Hola", [], script(91)) == {"reel_too_long"}
    assert errors("pinterest", "reel", "Hola", [], script(3)) == {"reel_too_short"}


def test_a_stored_script_is_checked_like_a_typed_one() -> None:
    assert check("facebook", "reel", "Hola", [], script(91).model_dump()) == check(
        "facebook", "reel", "Hola", [], script(91)
    )


def test_the_caption_of_a_reel_is_held_to_the_limit_too() -> None:
    assert errors("x", "reel", "Hola", [], script(20, caption="a" * 281)) == {"caption_too_long"}


def test_a_post_with_a_script_is_only_worth_a_look() -> None:
    assert codes("x", "post", "Hola", [], script(20)) == {"post_with_script"}
