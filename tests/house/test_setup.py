"""The set-up: pip's configuration reaches uv, stamps go by content, failures say what happened."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from local.setup import registries, stamps
from local.setup.__main__ import NEEDS, PARTS
from local.setup.steps import Progress, StepFailed


@pytest.fixture
def pip_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """pip reads this file, and nothing else, of whoever runs the test."""
    for name in ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS", "PIP_CERT", "PIP_TRUSTED_HOST"):
        monkeypatch.delenv(name, raising=False)
    file = tmp_path / "pip.conf"
    monkeypatch.setattr(registries, "_pip_files", lambda: registries._from_listing(file.read_text()))
    return file


def test_pips_indexes_and_find_links_become_uvs_variables(pip_configuration: Path) -> None:
    pip_configuration.write_text(
        "global.index-url='https://registry.example/simple'\n"
        "global.extra-index-url='https://one.example/s https://two.example/s'\n"
        "global.find-links='/wheels\\n/more'\n"
        ":env:.index-url='https://from-a-variable.example'\n"
    )
    settings = registries.uv_settings({})
    assert settings["UV_DEFAULT_INDEX"] == "https://registry.example/simple"
    assert settings["UV_INDEX"] == "https://one.example/s https://two.example/s"
    assert settings["UV_FIND_LINKS"] == "/wheels,/more"


def test_a_pip_variable_wins_over_pips_file_and_a_uv_variable_over_both(pip_configuration: Path) -> None:
    pip_configuration.write_text("global.index-url='https://file.example/simple'\n")
    assert registries.uv_settings({"PIP_INDEX_URL": "https://variable.example/simple"})["UV_DEFAULT_INDEX"] == (
        "https://variable.example/simple"
    )
    assert "UV_DEFAULT_INDEX" not in registries.uv_settings({"UV_DEFAULT_INDEX": "https://uv.example/simple"})
    assert "UV_DEFAULT_INDEX" not in registries.uv_settings({"UV_INDEX_URL": "https://uv.example/simple"})


def test_a_machine_without_configuration_gets_no_index(pip_configuration: Path) -> None:
    pip_configuration.write_text("")
    assert not {"UV_DEFAULT_INDEX", "UV_INDEX", "UV_FIND_LINKS", "SSL_CERT_FILE"} & registries.uv_settings({}).keys()


def test_a_fingerprint_follows_content_and_names_not_dates(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    one.write_text("a")
    before = stamps.fingerprint([one, other])
    one.touch()
    assert stamps.fingerprint([other, one]) == before
    other.write_text("")
    assert stamps.fingerprint([one, other]) != before
    other.unlink()
    one.write_text("b")
    assert stamps.fingerprint([one, other]) != before


def test_a_failed_command_gives_its_last_lines_and_the_advice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("local.setup.steps.ROOT", tmp_path)
    progress = Progress(tmp_path / "logs" / "setup.log")
    program = "import sys; print('\\n'.join(f'line {n}' for n in range(100))); sys.exit(3)"
    with pytest.raises(StepFailed) as failed, progress.step("Something"):
        progress.run([sys.executable, "-c", program], cwd=tmp_path, advice="Do this.")
    assert "code 3" in failed.value.reason
    assert "line 99" in failed.value.reason and "line 80" not in failed.value.reason
    assert failed.value.advice == "Do this."
    assert "line 42" in progress.log.read_text()
    assert "Something … failed" in capsys.readouterr().out


def test_every_goal_is_made_of_known_parts() -> None:
    assert {part for parts in NEEDS.values() for part in parts} == set(PARTS)
