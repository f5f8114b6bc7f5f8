"""Devices that are configured in a view of their own, beside the one where is looked and saved."""

from __future__ import annotations

from typing import Any, ClassVar

from playbooks.drivers.timed import TimedDriver


class ViewDriver(TimedDriver):
    """Enters the view to configure in, and leaves it from wherever it is below it."""

    enter: ClassVar[str] = "system-view"
    leave: ClassVar[str] = "return"

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._is_in_view = False

    def _enter(self) -> None:
        if not self._is_in_view:
            self._type(self.enter)
            self._is_in_view = True

    def _leave(self) -> None:
        if self._is_in_view:
            self._type(self.leave)
            self._is_in_view = False
