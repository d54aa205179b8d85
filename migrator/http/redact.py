"""Keeping secrets out of messages and logs, in every spelling a request uses."""

import base64
import logging
from collections.abc import Sequence
from urllib.parse import quote, quote_plus

HIDDEN = "•••"


def spellings(secret: str) -> set[str]:
    """Return the secret as text, percent-encoded, and in base64."""
    encoded = base64.b64encode(secret.encode()).decode()
    return {secret, quote(secret, safe=""), quote_plus(secret), encoded, encoded.rstrip("=")}


def redact(text: str, secrets: Sequence[str]) -> str:
    """Return the text with every spelling of every secret hidden; longer ones first."""
    found = {spelling for secret in secrets if secret for spelling in spellings(secret)}
    for spelling in sorted(found, key=len, reverse=True):
        text = text.replace(spelling, HIDDEN)
    return text


class RedactingFilter(logging.Filter):
    """Hides secrets in every record, tracebacks included."""

    def __init__(self, secrets: Sequence[str]) -> None:
        super().__init__()
        self._secrets = tuple(secrets)

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the record in place; let it pass."""
        record.msg = redact(record.getMessage(), self._secrets)
        record.args = None
        if record.exc_info:
            record.exc_text = redact(logging.Formatter().formatException(record.exc_info), self._secrets)
        return True
