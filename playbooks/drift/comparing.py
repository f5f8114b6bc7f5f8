"""One comparison at a bench: a configuration that is slow to compare costs itself and no other."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final, Self

from hatang.workshop import Bench, Fault, Limits, SpoiltError
from playbooks.choices import DriftReason

if TYPE_CHECKING:
    from types import TracebackType

LIMITS: Final = Limits(seconds=60, cpu_seconds=50)


@dataclass(frozen=True, slots=True, repr=False)
class Pair:
    """What a device of `platform` runs and what is intended; both hold secrets."""

    platform: str
    running: str
    intended: str
    is_whole: bool


class Comparer:
    """Compares pairs in a limited process; the lines it gives are not redacted yet."""

    def __init__(self) -> None:
        self._bench = Bench("playbooks.comparison:compare", LIMITS)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bench.close()

    def lines(self, pair: Pair) -> str | DriftReason:
        """Return the lines that make the device as intended, empty when it is, or why not."""
        try:
            answer = json.loads(self._bench.work(json.dumps(asdict(pair)).encode()))
        except SpoiltError as error:
            # What the process says of it may quote the configuration, and is not kept.
            is_slow = error.fault is Fault.OUT_OF_TIME
            return DriftReason.TOO_SLOW if is_slow else DriftReason.FAILED
        found: str | None = answer["lines"]
        return DriftReason.NO_CERTAIN_WAY if found is None else found
