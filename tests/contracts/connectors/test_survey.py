"""Answers to surveys, in the layouts of three services: what is an answer, when it came, and what is none."""

import re
from pathlib import Path

import pytest

from pipeline.settings import REPOSITORY
from tests.connectors.kit import FIXTURES, loaded

SURVEYS = FIXTURES / "survey"
NPS = {"survey": "checkout", "kind": "nps", "time_format": "%m/%d/%Y %I:%M:%S %p"}
FACTS = ("response_id", "kind", "score", "scale_max::int", "cast(responded_at as varchar)")


def test_a_second_header_line_and_a_skipped_question_are_no_answers(tmp_path: Path) -> None:
    with loaded(tmp_path, "survey", SURVEYS / "surveymonkey", parameters=NPS, time_zone="America/New_York") as got:
        assert (got.refused(), got.quarantined()) == ([], [])
        assert got.outcomes("responses", "feedback.responses") == {"clean": 2, "not_for_entity": 2}
        assert got.clean("feedback.responses", *FACTS, "order_id") == [
            ("checkout/118000000001", "nps", 10.0, 10, "2026-10-01 13:12:30", "O-1"),
            ("checkout/118000000002", "nps", 6.0, 10, "2026-10-03 04:01:00", "O-2"),
        ]


def test_times_with_an_offset_and_answers_without_an_id(tmp_path: Path) -> None:
    said = {"survey": "service", "kind": "csat"}
    with loaded(tmp_path, "survey", SURVEYS / "google", parameters=said) as got:
        assert (got.refused(), got.quarantined()) == ([], [])
        assert got.outcomes("responses", "feedback.responses") == {"clean": 3, "not_for_entity": 1}
        assert got.clean("feedback.responses", "cast(responded_at as varchar)", "score", "kind", "scale_max::int") == [
            ("2026-10-01 07:15:00", 5.0, "csat", 5),
            ("2026-10-02 04:30:00", 3.0, "csat", 5),
            ("2026-10-02 07:30:00", 4.0, "csat", 5),
        ]
        assert got.one("feedback.responses", "count(distinct response_id)", "count(respondent)") == (3, 0)


def test_a_chinese_export(tmp_path: Path) -> None:
    said = {"survey": "门店", "kind": "rating"}
    with loaded(tmp_path, "survey", SURVEYS / "wenjuanxing", parameters=said, time_zone="Asia/Shanghai") as got:
        assert (got.refused(), got.quarantined()) == ([], [])
        assert got.outcomes("responses", "feedback.responses") == {"clean": 2, "not_for_entity": 1}
        assert got.clean("feedback.responses", *FACTS, "channel", "answer_text") == [
            ("门店/1", "rating", 5.0, 5, "2026-10-01 01:15:00", "微信", "很满意"),
            ("门店/2", "rating", 2.0, 5, "2026-10-01 15:59:59", "链接", None),
        ]


def test_what_cannot_be_an_answer_is_never_counted(tmp_path: Path) -> None:
    text = (SURVEYS / "surveymonkey" / "responses.csv").read_text(encoding="utf-8")
    (tmp_path / "answers").mkdir()
    (tmp_path / "answers" / "of_11.csv").write_text(text.replace(",6,,", ",11,,"), encoding="utf-8")
    (tmp_path / "answers" / "unnamed.csv").write_text(text.replace(",score,", ",How likely?,"), encoding="utf-8")
    with loaded(tmp_path, "survey", tmp_path / "answers", parameters=NPS) as got:
        refused = got.refused()
        assert len(refused) == 2
        assert any("1 of 2 rows" in line for line in refused)
        assert any("needs the column 'score'" in line for line in refused)
        assert got.one("feedback.responses", "count(*)") == (0,)


@pytest.mark.parametrize("question", ["How likely?", 'Rate "us", 0-10', "您的评分'"])
def test_the_answer_stands_in_the_column_the_source_names(tmp_path: Path, question: str) -> None:
    text = (SURVEYS / "surveymonkey" / "responses.csv").read_text(encoding="utf-8")
    (tmp_path / "answers").mkdir()
    header = '"' + question.replace('"', '""') + '"'
    (tmp_path / "answers" / "named.csv").write_text(text.replace(",score,", f",{header},"), encoding="utf-8")
    said = NPS | {"answer": question}
    with loaded(tmp_path, "survey", tmp_path / "answers", parameters=said, time_zone="America/New_York") as got:
        assert (got.refused(), got.quarantined()) == ([], [])
        assert got.clean("feedback.responses", "score", "order_id") == [(6.0, "O-2"), (10.0, "O-1")]


def test_the_same_answers_delivered_again_in_a_longer_export_count_once(tmp_path: Path) -> None:
    text = (SURVEYS / "google" / "responses.csv").read_text(encoding="utf-8")
    (tmp_path / "answers").mkdir()
    (tmp_path / "answers" / "october.csv").write_text(text, encoding="utf-8")
    later = text + '"2026/11/03 9:00:00 AM GMT","","1","late"\n'
    (tmp_path / "answers" / "to_november.csv").write_text(later, encoding="utf-8")
    with loaded(tmp_path, "survey", tmp_path / "answers", parameters={"survey": "service", "kind": "csat"}) as got:
        assert got.refused() == []
        assert got.one("feedback.responses", "count(*)", "sum(score)", "cast(max(responded_at) as varchar)") == (
            *(4, 13.0),
            "2026-11-03 09:00:00",
        )


def test_the_connector_of_ones_own_on_the_page_is_whole(tmp_path: Path) -> None:
    page = (REPOSITORY / "docs" / "connectors" / "survey.md").read_text(encoding="utf-8")
    (own,) = re.findall(r"```yaml\n(exports:.+?)```", page, re.DOTALL)
    (tmp_path / "own.yml").write_text(own, encoding="utf-8")
    (tmp_path / "answers").mkdir()
    (tmp_path / "answers" / "answers.csv").write_text(
        "Response No,Submitted,How likely are you to recommend us?\n1,2026-10-01 10:00:00,9\n2,2026-10-01 11:00:00,\n",
        encoding="utf-8",
    )
    with loaded(tmp_path, "./own.yml", tmp_path / "answers") as got:
        assert (got.refused(), got.quarantined()) == ([], [])
        assert got.clean("feedback.responses", "response_id", "kind", "score") == [("1", "nps", 9.0)]
