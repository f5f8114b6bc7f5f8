from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hatang.errors import ConflictError, SettingsError
from hatang.gates import HEALTH, Finding, Gates, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hatang.db import AnySession


class Blind:
    def covers(self, _session: AnySession, elements: Sequence[str]) -> Sequence[str]:
        return elements

    def check(self, elements: Sequence[str]) -> Sequence[Finding]:
        return [Finding(element, Verdict.UNKNOWN, "not measured", "blind") for element in elements]


def test_a_registered_implementation_answers() -> None:
    gates = Gates()
    gates.register(HEALTH, Blind(), name="blind")
    (finding,) = gates.get(HEALTH).check(["device/1"])
    assert finding.verdict is Verdict.UNKNOWN


def test_a_gate_nobody_fills_is_said_and_never_taken_as_open() -> None:
    assert Gates().all(HEALTH) == []
    with pytest.raises(SettingsError, match="0 implementations"):
        Gates().get(HEALTH)


def test_a_name_is_taken_once() -> None:
    gates = Gates()
    gates.register(HEALTH, Blind(), name="blind")
    with pytest.raises(ConflictError):
        gates.register(HEALTH, Blind(), name="blind")


def test_what_stands_behind_a_gate_is_built_once_and_only_when_asked() -> None:
    gates, built = Gates(), []

    def build() -> Blind:
        built.append(Blind())
        return built[-1]

    gates.register_later(HEALTH, build, name="blind")
    assert not built
    assert gates.get(HEALTH) is gates.get(HEALTH)
    assert len(built) == 1
