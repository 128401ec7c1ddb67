"""Settings of one invocation."""

from datetime import date, datetime
from pathlib import Path

import pytest
from pydantic import ValidationError

from pipeline.settings import load_settings, now


def test_arguments_win_over_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("OPS_SUMMARY_PERIOD", "2014-11")
    monkeypatch.setenv("OPS_SUMMARY_DATA_DIR", str(tmp_path / "environment"))
    settings = load_settings(data_dir=tmp_path / "argument", period=None)
    assert settings.period == "2014-11"
    assert settings.data_dir == tmp_path / "argument"


def test_paths_are_absolute_whatever_was_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    settings = load_settings(sources=Path("my/sources.yml"), data_dir=Path("here"))
    assert settings.sources == tmp_path / "my" / "sources.yml"
    assert settings.warehouse == tmp_path / "here" / "warehouse.duckdb"
    assert settings.published == tmp_path / "here" / "published" / "ops.duckdb"


def test_settings_do_not_change(tmp_path: Path) -> None:
    with pytest.raises(ValidationError):
        load_settings(data_dir=tmp_path).period = "2014-12"  # type: ignore[misc]


def test_the_last_business_day_is_as_said() -> None:
    settings = load_settings(as_of=date(2014, 12, 31))
    assert settings.last_business_day("America/New_York") == date(2014, 12, 31)


@pytest.mark.parametrize(
    ("zone", "expected"),
    [("UTC", date(2026, 3, 1)), ("America/New_York", date(2026, 2, 28)), ("Asia/Shanghai", date(2026, 3, 1))],
)
def test_the_last_business_day_is_yesterday_where_the_company_is(
    monkeypatch: pytest.MonkeyPatch, zone: str, expected: date
) -> None:
    class Clock(datetime):
        @classmethod
        def now(cls, tz: object = None) -> "Clock":
            return cls.fromisoformat("2026-03-02T03:00:00+00:00").astimezone(tz)  # type: ignore[arg-type]

    monkeypatch.delenv("OPS_SUMMARY_AS_OF", raising=False)
    monkeypatch.setattr("pipeline.settings.datetime", Clock)
    assert load_settings().last_business_day(zone) == expected


def test_the_present_is_stored_without_a_zone() -> None:
    assert now().tzinfo is None
