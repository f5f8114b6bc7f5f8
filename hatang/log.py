"""Logs: one line an event, UTC, and no secret ever in it."""

from __future__ import annotations

import logging
import re
import sys
from datetime import UTC, datetime
from typing import Final

MASK: Final = "[redacted]"

# Key = value forms, as they appear in settings, URLs, JSON and device commands.
_SENSITIVE: Final = (
    r"pass(?:word|wd|phrase)?|secret|token|community|auth[_-]?pass(?:word)?"
    r"|priv[_-]?pass(?:word)?|api[_-]?key|private[_-]?key|authorization|cookie"
)
_PATTERNS: Final = (
    re.compile(
        rf"(?i)([\"']?(?:\w*[_-])?(?:{_SENSITIVE})[\"']?\s*[=:]\s*)(\"[^\"]*\"|'[^']*'|[^\s,;&]+)"
    ),
    re.compile(r"(?i)\b((?:bearer|basic)\s+)([A-Za-z0-9._~+/=-]{8,})"),
    re.compile(r"(://[^/\s:@]+:)([^@\s/]+)(?=@)"),
)
_PEM: Final = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?-----END [A-Z ]*PRIVATE KEY-----", re.S
)
# C0, DEL and C1 (some terminals obey 0x9b), Unicode's line ends, and marks that reorder a line.
_CONTROL: Final = {
    code: f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
    for code in (
        *(each for each in range(0x20) if each != ord("\t")),
        *range(0x7F, 0xA0),
        *range(0x2028, 0x202F),
        *range(0x2066, 0x206A),
    )
}


def redact(text: str) -> str:
    """Return `text` with every value masked that stands where secrets stand."""
    text = _PEM.sub(MASK, text)
    for pattern in _PATTERNS:
        text = pattern.sub(rf"\g<1>{MASK}", text)
    return text


class LineFormatter(logging.Formatter):
    """Writes one redacted line a record; control characters cannot forge a second one."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as `time level logger message`."""
        at = datetime.fromtimestamp(record.created, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3]
        text = record.getMessage()
        if record.exc_info:
            text = f"{text} {self.formatException(record.exc_info)}"
        line = redact(text).translate(_CONTROL)
        return f"{at}Z {record.levelname.lower()} {record.name} {line}"


def configure(level: str = "info") -> None:
    """Send all logs of the process to standard error in hatang's form."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(LineFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for chatty in ("paramiko", "asyncio", "httpx", "httpcore", "watchfiles", "dbos", "alembic"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def get_logger(name: str) -> logging.Logger:
    """Return the logger called `name`; messages use %-arguments, never f-strings."""
    return logging.getLogger(name)
