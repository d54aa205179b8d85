"""The filter language of list reads (§3.3): tokenizer, parser, and evaluation over a row."""

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Any, Literal

Row = dict[str, Any]
Predicate = Callable[[Row], bool]
DateLiterals = Literal["both", "us", "swapped", "none"]
"""Which spellings of dates are understood: ISO and US, US alone, ISO with day and month swapped, none."""

_TOKEN = re.compile(r"\s*(?:(\()|(\))|('(?:[^']|'')*')|(\{[^}]*\})|(!=|>=|<=|=|>|<|~)|([A-Za-z0-9_.\-:]+))")
_ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)(.*)", re.DOTALL)
_ORDERED: dict[str, Callable[[Any, Any], bool]] = {
    ">": lambda left, right: bool(left > right),
    "<": lambda left, right: bool(left < right),
    ">=": lambda left, right: bool(left >= right),
    "<=": lambda left, right: bool(left <= right),
}
_OPERATORS = {"=", "!=", "~", *_ORDERED}


class FilterError(ValueError):
    """The expression cannot be understood."""


def parse_filter(text: str, dates: DateLiterals = "both") -> Predicate:
    """Return a predicate over rows with snake_case keys; raise ``FilterError``, as the predicate does for a date that
    is not understood."""
    parser = _Parser(_tokens(text), dates)
    predicate = parser.alternatives()
    if parser.left:
        raise FilterError(f"unexpected {parser.left[0]}")
    return predicate


def _tokens(text: str) -> list[str]:
    found, position = [], 0
    while text[position:].strip():
        match = _TOKEN.match(text, position)
        if match is None:
            raise FilterError(f"cannot read {text[position : position + 20]!r}")
        found.append(match.group().strip())
        position = match.end()
    return found


class _Parser:
    """OR binds weakest, then AND, then NOT."""

    def __init__(self, tokens: list[str], dates: DateLiterals) -> None:
        self.left = tokens
        self._dates = dates

    def alternatives(self) -> Predicate:
        first = self._conjunction()
        while self._word("or"):
            first = _either(first, self._conjunction())
        return first

    def _conjunction(self) -> Predicate:
        first = self._negation()
        while self._word("and"):
            first = _both(first, self._negation())
        return first

    def _negation(self) -> Predicate:
        if self._word("not"):
            inner = self._negation()
            return lambda row: not inner(row)
        if self._word("("):
            inner = self.alternatives()
            if not self._word(")"):
                raise FilterError("a parenthesis is not closed")
            return inner
        return self._condition()

    def _condition(self) -> Predicate:
        name = _key(self._next())
        if self._word("is"):
            return self._is(name)
        if self._word("not"):
            return _not(self._membership(name))
        if self.left and self.left[0].lower() == "in":
            return self._membership(name)
        operator, literal = self._next(), self._next()
        if operator not in _OPERATORS:
            raise FilterError(f"unknown operator {operator}")
        return lambda row: _compare(row.get(name), operator, literal, row, self._dates)

    def _is(self, name: str) -> Predicate:
        negated = self._word("not")
        if self._word("empty"):
            return lambda row: (row.get(name) in (None, "")) != negated
        literal = self._next()
        return lambda row: _compare(row.get(name), "=", literal, row, self._dates) != negated

    def _membership(self, name: str) -> Predicate:
        if not self._word("in"):
            raise FilterError("expected in")
        members = [part.strip() for part in self._next().strip("{}").split(",")]
        return lambda row: any(_compare(row.get(name), "=", member, row, self._dates) for member in members)

    def _word(self, word: str) -> bool:
        if self.left and self.left[0].lower() == word:
            self.left = self.left[1:]
            return True
        return False

    def _next(self) -> str:
        if not self.left:
            raise FilterError("the expression ends too early")
        token, self.left = self.left[0], self.left[1:]
        return token


def _key(name: str) -> str:
    return name.replace("_", "").lower()


def _either(first: Predicate, second: Predicate) -> Predicate:
    return lambda row: first(row) or second(row)


def _both(first: Predicate, second: Predicate) -> Predicate:
    return lambda row: first(row) and second(row)


def _not(inner: Predicate) -> Predicate:
    return lambda row: not inner(row)


def _compare(value: Any, operator: str, literal: str, row: Row, dates: DateLiterals) -> bool:
    if value is None:
        return operator == "!="
    right = _literal(literal, row)
    if operator == "~":
        return str(right).lower() in str(value).lower()
    left, right = _comparable(value, right, dates, quoted=literal.startswith("'"))
    if operator == "=":
        return bool(left == right)
    if operator == "!=":
        return bool(left != right)
    return _ORDERED[operator](left, right)


def _literal(text: str, row: Row) -> Any:
    if text.startswith("'"):
        return text[1:-1].replace("''", "'")
    return row.get(_key(text), text)


def _comparable(left: Any, right: Any, dates: DateLiterals, *, quoted: bool) -> tuple[Any, Any]:
    if isinstance(left, bool):
        return left, str(right).lower() == "true"
    if not quoted:
        with suppress(TypeError, ValueError):
            return float(left), float(right)
    moment = _iso(left)
    if moment is None or (_iso(right) or _us(str(right))) is None:
        return str(left).lower(), str(right).lower()
    return moment, _date_literal(str(right), dates)


def _date_literal(text: str, dates: DateLiterals) -> datetime:
    found = None
    if dates in ("both", "us"):
        found = _us(text)
    if dates == "both":
        found = found or _iso(text)
    if dates == "swapped" and (parts := _ISO.match(text)):
        found = _iso(f"{parts[1]}-{parts[3]}-{parts[2]}{parts[4]}")
    if found is None:
        raise FilterError(f"{text!r} is no date")
    return found


def _us(text: str) -> datetime | None:
    for shape in ("%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y"):
        with suppress(ValueError):
            return datetime.strptime(text, shape)  # noqa: DTZ007 - server-local time, as the server compares it
    return None


def _iso(value: Any) -> datetime | None:
    if not _ISO.match(str(value)):
        return None
    try:
        return datetime.fromisoformat(str(value))
    except ValueError:
        return None


def keyed(row: Row) -> Row:
    """Return a row under the names that filters use."""
    return {_key(name): value for name, value in row.items()}
