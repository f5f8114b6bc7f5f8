"""One line of an examination."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from hatang.gates import Verdict

if TYPE_CHECKING:
    from hatang.errors import HatangError


@dataclass(frozen=True, slots=True)
class Checked:
    """What was looked at, how it was judged, what was seen, and what to do about it."""

    subject: str
    verdict: Verdict
    detail: str
    fix: str = ""

    @classmethod
    def good(cls, subject: str, detail: str) -> Self:
        """Return a line that needs nothing."""
        return cls(subject, Verdict.PASS, detail)

    @classmethod
    def bad(cls, subject: str, detail: str, fix: str) -> Self:
        """Return a line that needs somebody."""
        return cls(subject, Verdict.FAIL, detail, fix)

    @classmethod
    def unknown(cls, subject: str, detail: str, fix: str = "") -> Self:
        """Return a line about what could not be seen, which never counts as good."""
        return cls(subject, Verdict.UNKNOWN, detail, fix)

    @classmethod
    def refused(cls, subject: str, error: HatangError) -> Self:
        """Return what an error says as a line."""
        return cls.bad(subject, error.message, error.fix)

    @property
    def is_good(self) -> bool:
        """Whether nobody has to look: passed, or nothing this installation has."""
        return self.verdict in {Verdict.PASS, Verdict.NOT_APPLICABLE}
