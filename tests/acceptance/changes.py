"""A change set through the command, as two people do it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from tests.acceptance.doors import Answer
    from tests.acceptance.installation import Installation
    from tests.acceptance.province import Province

REQUESTER, APPROVER = "lan", "hoa"
READERS = 4
Journals = dict[str, list[dict[str, Any]]]


@dataclass
class Change:
    """One change set; `folder` holds the texts it was made of."""

    hatang: Installation
    folder: Path
    revert_seconds: int
    number: int = 0
    plan: str = ""

    def command(self, *words: str, person: str = REQUESTER) -> Any:
        return self.hatang.json("change", *words, person=person)

    def create(self, title: str, texts: Mapping[str, str]) -> None:
        """Write it down; `texts` is what goes to the devices, names with commas between."""
        words = ["--revert-seconds", str(self.revert_seconds)]
        for place, (devices, text) in enumerate(texts.items()):
            file = self.folder / f"change-{place}.conf"
            file.write_text(text, encoding="utf-8")
            words += ["--text", f"{devices}={file}"]
        self.number = self.command("create", title, *words)["change"]

    def compute(self) -> Any:
        """Let the devices compute what would change; return it as it is shown."""
        planned = self.command("plan", str(self.number))
        self.plan = planned["change"]["plan_sha256"]
        return planned

    def submit(self) -> None:
        self.command("submit", str(self.number))

    def approve(self, person: str = APPROVER) -> Answer:
        """Try to approve exactly what was planned."""
        words = ("change", "approve", str(self.number), "--plan", self.plan)
        return self.hatang.hatang(*words, person=person)

    def execute(self, wait: int = 0) -> None:
        self.command("apply", str(self.number), "--wait", str(wait))

    def show(self) -> Any:
        return self.command("show", str(self.number))

    def look(self) -> Any:
        """Return it as the API shows it, which takes no time to speak of."""
        return self.hatang.ask(f"/api/v1/changes/{self.number}").json()

    def state(self) -> str:
        return str(self.show()["change"]["state"])

    def is_in(self, state: str) -> bool:
        return any(target["state"] == state for target in self.look()["targets"])

    def ended(self) -> bool:
        return bool(self.look()["change"]["finished_at"])


def journals(province: Province, names: Iterable[str]) -> Journals:
    """Read each device's own journal, several at a time: a command starts for each."""
    asked = list(names)
    with ThreadPoolExecutor(READERS) as readers:
        return dict(zip(asked, readers.map(province.journal, asked), strict=True))


def changed(before: Journals, after: Journals) -> dict[str, int]:
    """Return how often each device itself says that its configuration was changed or taken back."""
    return {name: sum(map(is_change, after[name][len(before[name]) :])) for name in after}


def is_change(entry: dict[str, Any]) -> bool:
    """Return whether a router's or a switch's journal tells of other lines than before.

    What a session sets for itself, such as a terminal that asks nothing, is no change.
    """
    lines = entry.get("added") or entry.get("removed")
    return bool(entry.get("changed") or (lines and entry["action"] != "setting"))


def told(shown: Any) -> list[dict[str, Any]]:
    """Return what is known of each device of a change."""
    fields = ("device", "state", "reason", "detail")
    return [{field: target[field] for field in fields} for target in shown["targets"]]
