"""Drafts as they are stored: what an older version has written is read, and its digests are still those of today."""

from migrator.core.drafts import ResultDraft

_DRAFT = ResultDraft(
    marker="qacomplete@acme:result:12/1@a",
    source_marker="qacomplete@acme:result:12/1",
    run="qacomplete@acme:run:12/1",
    case="qacomplete@acme:test:12/1",
    status="passed",
    comment="<p>x</p>",
)
_STORED = (
    '{"marker":"qacomplete@acme:result:12/1@a","kind":"result","origin":"qacomplete@acme:result:12/1",'
    '"run":"qacomplete@acme:run:12/1","case":"qacomplete@acme:test:12/1","status":"passed","comment":"<p>x</p>",'
    '"time_taken_ms":null}'
)


def test_a_result_is_stored_under_the_names_it_always_had() -> None:
    assert _DRAFT.model_dump_json() == _STORED
    assert ResultDraft.model_validate_json(_STORED) == _DRAFT
    assert ResultDraft.model_validate(_DRAFT.model_dump()) == _DRAFT
    assert _DRAFT.digest == "9b0c7f9907d37f77e657aa312584cdc9cc53085438cea233aa9ca18ecacc8a68"
