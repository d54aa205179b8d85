"""SOAP answers as hostile or careless servers write them: read, or refused within bounds."""

import base64
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.qacomplete.content.soap_messages import AnswerParser, Harmful
from connectors.qacomplete.content.xml_characters import Hider, shown

_HEAD = b'<?xml version="1.0" encoding="utf-8"?><Envelope><Body>'
_TAIL = b"</Body></Envelope>"


def pieces(data: bytes, size: int) -> Iterator[bytes]:
    return (data[start : start + size] for start in range(0, len(data), size))


def read(body: bytes, streamed: str = "", *, size: int = 7) -> tuple[AnswerParser, bytes]:
    parser = AnswerParser(streamed)
    decoded = b"".join(parser.feed(piece) for piece in pieces(body, size))
    return parser, decoded + parser.end()


@pytest.mark.parametrize(
    ("written", "name"),
    [
        (b"a&#x1F;b.txt", "a\x1fb.txt"),
        (b"a&#31;b.txt", "a\x1fb.txt"),
        (b"a\x0bb.txt", "a\x0bb.txt"),
        (b"a&#0;b", "a\x00b"),
        (b"a&#xD800;b", "a\ufffdb"),
        (b"a&#xFFFF;b", "a\ufffdb"),
        (b"a&#x1F600;b", "a\U0001f600b"),
        (b"a&#x99999999;b", "a\ufffdb"),
        (b"a&#x00000001F;b&#0000000000031;", "a\x1fb\x1f"),
        (b"a\xef\xbf\xbeb\xef\xbf\xbf", "a\ufffdb\ufffd"),
        ("a\ufffd\uff0c".encode(), "a\ufffd\uff0c"),
        (b"a&#9;b&#10;&amp;&#x26;", "a\tb\n&&"),
        (b"&amp;#x1F;", "&#x1F;"),
    ],
)
@pytest.mark.parametrize("size", [1, 3, 1000])
def test_characters_that_xml_forbids_are_read(written: bytes, name: str, size: int) -> None:
    parser, _ = read(_HEAD + b"<FileName>" + written + b"</FileName>" + _TAIL, size=size)
    (node,) = parser.root.all("FileName")
    assert node.text == name


def test_other_encodings_are_read() -> None:
    latin = '<?xml version="1.0" encoding="iso-8859-1"?><a>é&#x1F;</a>'.encode("latin-1")
    wide = '<?xml version="1.0" encoding="utf-16"?><a>é</a>'.encode("utf-16")
    assert [read(body)[0].root.value("a") for body in (latin, wide)] == ["é\x1f".strip(), "é"]


@given(st.binary(max_size=300), st.integers(1, 40))
def test_a_file_arrives_byte_by_byte_however_it_is_cut(content: bytes, size: int) -> None:
    body = _HEAD + b"<R><Other>x&#x1;</Other><File>" + base64.encodebytes(content) + b"</File></R>" + _TAIL
    parser, decoded = read(body, "File", size=size)
    assert (parser.found, decoded, parser.root.value("Other")) == (True, content, "x\x01")


@given(st.text(st.characters(max_codepoint=0x2FFFF, exclude_categories=["Cs"])), st.integers(1, 9))
def test_what_is_hidden_is_shown_again(text: str, size: int) -> None:
    hider = Hider()
    data = text.replace("&", "+").encode()
    hidden = b"".join(hider.hide(piece) for piece in pieces(data, size)) + hider.hide(b"", last=True)
    assert not any(code < 0x20 and code not in (9, 10, 13) for code in hidden)
    assert shown("\U0010ff1f") == "\x1f"


def endless(kind: str) -> Iterator[bytes]:
    """Yield so much of an answer that has no end: 64 MiB."""
    begins, goes_on = {
        "text": (b"<R>", b"x" * 65536),
        "text beside the file": (b"<R><File>AAAA</File><Beside>", b"x" * 65536),
        "attribute": (b"<R a='", b"x" * 65536),
        "name": (b"<", b"x" * 65536),
        "comment": (b"<!--", b"x" * 65536),
        "elements": (b"<R>", b"<a/>" * 16384),
        "depth": (b"", b"<a>" * 16384),
        "references": (b"<R>", b"&#x1F;" * 8192),
    }[kind]
    yield _HEAD + begins
    for _ in range(1024):
        yield goes_on


KINDS = ("text", "text beside the file", "attribute", "name", "comment", "elements", "depth", "references")


@pytest.mark.parametrize("kind", KINDS)
def test_an_answer_without_an_end_is_refused_early(kind: str) -> None:
    parser, taken = AnswerParser("File"), []

    def feed_all() -> None:
        for piece in endless(kind):
            taken.append(len(piece))
            parser.feed(piece)

    with pytest.raises(Harmful):
        feed_all()
    assert sum(taken) < 20 * 1024 * 1024


def test_broken_base64_is_refused() -> None:
    for text in (b"A", "ÄÄÄÄ".encode(), b"AAA", b"=AAA"):
        with pytest.raises(Harmful):
            read(_HEAD + b"<File>" + text + b"</File>" + _TAIL, "File")


@pytest.mark.parametrize("attack", [b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", b"<a>", b"no XML", b"", b"<a>&b;</a>"])
def test_what_is_no_answer_is_an_error(attack: bytes) -> None:
    with pytest.raises(ValueError):
        read(attack)
