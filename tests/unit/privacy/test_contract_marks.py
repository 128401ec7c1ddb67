"""A personal column may not decide about rows, and what is kept private may not be tracked."""

from typing import Any

import pytest

from pipeline.contracts import Contract, Contracts
from pipeline.privacy.people import id_columns, lasting_ids


def contract(column: dict[str, Any], **said: Any) -> Contract:
    columns = {"id": {"type": "text", "description": "Id."}, "mail": {"description": "Mail."} | column}
    data = {"entity": "club.people", "row": "One row per member.", "key": ["id"], "columns": columns}
    return Contract.model_validate(data | said)


@pytest.mark.parametrize(
    ("column", "said", "message"),
    [
        ({"type": "text", "personal": "drop", "required": True}, {}, "mail is dropped"),
        ({"type": "text", "personal": "drop"}, {"key": ["mail"]}, "mail is dropped"),
        ({"type": "date", "personal": "drop"}, {"dated_by": "mail"}, "mail is dropped"),
        ({"type": "text", "personal": "pseudonymize"}, {"key": ["mail"]}, "mail is pseudonymized"),
        ({"type": "date", "personal": "pseudonymize"}, {}, "mail is pseudonymized"),
        (
            {"type": "text", "personal": "keep"},
            {"tracks": {"user": "coalesce(id, mail)"}},
            "tracks.user would publish mail",
        ),
    ],
)
def test_what_cannot_be_kept_is_refused(column: dict[str, Any], said: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        contract(column, **said)


@pytest.mark.parametrize("personal", ["keep", "drop", "pseudonymize", "publish"])
def test_every_treatment_is_fit_for_a_plain_text(personal: str) -> None:
    assert contract({"type": "text", "personal": personal}).personal_columns == {"mail"}


def test_ids_of_people_are_what_is_tracked_and_keys_of_those_who_have_personal_data() -> None:
    members = contract({"type": "text", "personal": "keep"})
    authors = contract({"type": "text", "personal": "publish"}, entity="club.texts")
    visits = contract({"type": "text"}, entity="club.visits", tracks={"user": "coalesce(mail, '?')"})
    assert id_columns({"a": members}) == {"id"}
    assert id_columns({"a": authors}) == set()
    assert id_columns({"a": authors, "b": visits}) == {"mail"}


def test_only_lasting_ids_are_offered(contracts: Contracts) -> None:
    assert lasting_ids(contracts) <= id_columns(contracts)
    assert {"customer_id", "user_id", "owner_id"} <= lasting_ids(contracts)
    assert "payment_id" not in lasting_ids(contracts)
