"""Addresses of links and requirements: what is sent, QA Sphere takes."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from connectors.qasphere.sandbox.readers import address as taken
from mappings.cases import CaseMapper
from mappings.item_writer import Writers
from mappings.rules import MappingRules
from mappings.web_address import web_address
from migrator.core.drafts import CaseDraft
from migrator.core.ports.mapping import Around
from tests.support.drafts import case_entity

NO_ADDRESSES = [
    "", "foo", "//h/x", "http://", "https:///x", "http://?x", "mailto:a@b.c", "javascript:go()", "ftp://h/x",
    "http://[::1", "http://a<b", 'http://a"b', "https://x|y", "https://h\\x/", "http://h:x/", "http://h:0/",
    "http://:80/", "https://a b/", "https://h/\ud800",
]  # fmt: skip


@pytest.mark.parametrize("written", NO_ADDRESSES)
def test_what_names_no_host_is_no_web_address(written: str) -> None:
    assert web_address(written) == ""


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("https://h/{x}", "https://h/%7Bx%7D"),
        (" https://h/a\nb c?q=<1> ", "https://h/ab%20c?q=%3C1%3E"),
        ("HTTPS://h/%7B", "HTTPS://h/%7B"),
        ("http://[::1]:80/x", "http://[::1]:80/x"),
        ("https://münchen.example/ü", "https://münchen.example/ü"),
    ],
)
def test_signs_that_no_address_holds_are_escaped(written: str, sent: str) -> None:
    assert web_address(written) == sent


@given(st.one_of(st.text(), st.text().map("https://{}".format), st.text().map("https://h/{}".format)))
@example("https://h/\x85\u2028\xa0")
def test_what_is_sent_is_taken_and_stays_as_it_is(written: str) -> None:
    sent = web_address(written)
    assert not sent or taken(sent, "url", len(sent)) == web_address(sent) == sent


@pytest.mark.parametrize(
    ("address", "sent", "codes"),
    [
        ("https://h/{x}", "https://h/%7Bx%7D", []),
        ("http://a<b", "https://unknown.invalid/", ["link_unusable"]),
        ("https://h/" + "{" * 100, "https://h/", ["address_too_long"]),
        (f"https://{'h' * 300}/", "https://unknown.invalid/", ["address_too_long"]),
        (None, "https://unknown.invalid/", []),
    ],
)
def test_the_link_of_a_case_is_one_that_is_taken(address: str | None, sent: str, codes: list[str]) -> None:
    case = case_entity(1).model_copy(update={"address": address})
    rules = MappingRules.model_validate({"fallback": {"priority": "low"}})
    result = CaseMapper(rules, Writers(rules.people, {})).map(case, Around(), "f:1:2", None)
    assert isinstance(result.draft, CaseDraft)
    assert [link.url for link in result.draft.links] == [sent]
    assert [note.code for note in result.notes if note.field == "address"] == codes
