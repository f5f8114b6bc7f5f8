"""Every error hatang raises, and the closed set of reasons a call to the outside can fail for."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar


class Reason(StrEnum):
    """Why a probe, job or driver call ended as it did; closed, because it labels metrics."""

    OK = "ok"
    TIMEOUT = "timeout"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    AUTH_FAILED = "auth_failed"
    HOST_KEY_MISMATCH = "host_key_mismatch"
    CERTIFICATE_INVALID = "certificate_invalid"
    PROTOCOL_ERROR = "protocol_error"
    LEGACY_ONLY = "legacy_only"
    REJECTED = "rejected"
    NOT_SUPPORTED = "not_supported"
    CANCELLED = "cancelled"
    BUSY = "busy"
    INTERNAL = "internal"


class HatangError(Exception):
    """Root of all errors hatang raises on purpose.

    `code` is stable and goes into API answers; `fix` tells the reader what to do about it.
    """

    code: ClassVar[str] = "error"
    retryable: ClassVar[bool] = False

    def __init__(self, message: str, *, fix: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.fix = fix


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with an input, precise enough to be mended without asking.

    `where` is the file (or request part), `line` counts from 1, `value` is what stood there. In a
    workbook `line` is the row, `column` its letters, and `header` what stands above.
    """

    where: str
    field: str
    value: str
    message: str
    fix: str
    line: int | None = None
    sheet: str | None = None
    column: str | None = None
    header: str | None = None

    def __str__(self) -> str:
        place = self.where if self.sheet is None else f"{self.where}[{self.sheet}]"
        if self.line is not None:
            place = f"{place}:{self.line}"
        column = "" if self.column is None else f"{self.column} “{self.header}” "
        shown = f" ({self.value!r})" if self.value else ""
        return f"{place}: {column}{self.field}{shown}: {self.message}. {self.fix}"


class NotFoundError(HatangError, LookupError):
    """What was asked for does not exist, or the asker may not know that it does."""

    code = "not_found"


class ConflictError(HatangError):
    """The state of things does not allow the request now."""

    code = "conflict"


class InvalidInputError(HatangError, ValueError):
    """An input with one or more problems; all of them, never only the first."""

    code = "invalid_input"

    def __init__(self, problems: tuple[Problem, ...] | list[Problem], message: str = "") -> None:
        self.problems = tuple(problems)
        lines = "\n".join(str(problem) for problem in self.problems)
        super().__init__(message or lines)


class DeniedError(HatangError, PermissionError):
    """The actor is known and may not do this."""

    code = "denied"


class UnauthenticatedError(HatangError):
    """Nobody was recognised."""

    code = "unauthenticated"


class SettingsError(HatangError, ValueError):
    """A setting, port, directory or package that keeps a process from starting; one sentence."""

    code = "settings"


class UnavailableError(HatangError):
    """A part hatang needs does not answer now; trying later may work."""

    code = "unavailable"
    retryable = True


class StaleError(UnavailableError):
    """The answer is known only from before; never to be taken as good."""

    code = "stale"


class DriverError(HatangError):
    """A call to a device or server failed for `reason`."""

    code = "driver"

    def __init__(self, message: str, reason: Reason, *, fix: str = "") -> None:
        super().__init__(message, fix=fix)
        self.reason = reason


class TamperedError(HatangError):
    """Something sealed (audit chain, blob, evidence) does not match its seal."""

    code = "tampered"
