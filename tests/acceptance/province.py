"""The running lab as a person sees it: through `hatang-lab` and the files it wrote."""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import yaml

from tests.acceptance.doors import Answer, hatang_lab

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Device:
    """A line of the lab's inventory."""

    name: str
    address: str
    role: str
    platform: str


@dataclass
class Province:
    """The lab's facts; `folder` holds the files that `hatang-lab seed` wrote."""

    state: Path
    folder: Path

    @property
    def inventory(self) -> Path:
        return self.folder / "lab.yaml"

    @property
    def credentials(self) -> Path:
        return self.folder / "lab.toml"

    @cached_property
    def seeded(self) -> dict[str, Any]:
        loaded: dict[str, Any] = yaml.safe_load(self.inventory.read_text(encoding="utf-8"))
        return loaded

    @cached_property
    def devices(self) -> dict[str, Device]:
        rows = self.seeded["devices"]
        found = [Device(r["name"], r["primary_ip4"], r["role"], r["platform"]) for r in rows]
        return {device.name: device for device in found}

    @cached_property
    def secrets(self) -> dict[str, dict[str, str]]:
        loaded = tomllib.loads(self.credentials.read_text(encoding="utf-8"))
        found: dict[str, dict[str, str]] = loaded["credentials"]
        return found

    @cached_property
    def facts(self) -> dict[str, Any]:
        facts: dict[str, Any] = json.loads((self.state / "lab.json").read_text())
        return facts

    def tool(self, name: str) -> str:
        """Return a program of the lab's Debian tree, like promtool."""
        return f"{self.facts['tree']}/usr/bin/{name}"

    def seed(self) -> None:
        files = ("--out", self.inventory, "--credentials", self.credentials)
        words = [*map(str, files), "--state", str(self.state)]
        hatang_lab("seed", *words).good()

    def command(self, *words: str) -> Answer:
        """Run a `hatang-lab` command on this lab; it must succeed."""
        return hatang_lab(*words, "--state", str(self.state)).good()

    def inside(self, node: str, *command: str) -> str:
        """Return what a command says inside a node."""
        return hatang_lab("exec", node, "--", *command).good().out

    def silent(self) -> set[str]:
        nodes = self.command("status", "--format", "json").json()["nodes"]
        return {name for name, node in nodes.items() if not node["answers"]}

    def mails(self) -> list[dict[str, str]]:
        mails: list[dict[str, str]] = hatang_lab("mailbox", "--format", "json").good().json()
        return mails

    def journal(self, node: str) -> list[dict[str, Any]]:
        lines = self.command("journal", node).out.splitlines()
        return [json.loads(line) for line in lines]

    def commune_names(self, hub: str) -> list[str]:
        """Return the names of the communes whose only way leads through the hub."""
        far = [
            link["b"].split(":")[0]
            for link in self.seeded["links"]
            if link["a"].startswith(f"{hub}:")
        ]
        site_of = {row["name"]: row["site"] for row in self.seeded["devices"]}
        names = {
            row["slug"]: row["name"] for row in self.seeded["sites"] if row["kind"] == "commune"
        }
        return [names[site_of[node]] for node in far if site_of.get(node) in names]
