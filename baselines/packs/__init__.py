"""Rule packs: read-only data, one folder a framework and edition, identified by their hash."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import yaml
from pydantic import ValidationError

from baselines.schemas import Rule
from hatang.errors import InvalidInputError, NotFoundError, Problem

DIRECTORY: Final = Path(__file__).parent
DEFAULT: Final = "core/2026.1"


@dataclass(frozen=True, slots=True)
class Pack:
    """A pack as loaded; `sha256` covers names and bytes of all its files."""

    name: str
    sha256: str
    rules: tuple[Rule, ...]

    def rule(self, rule_id: str) -> Rule:
        """Return the rule called `rule_id`; raises NotFoundError."""
        for rule in self.rules:
            if rule.id == rule_id:
                return rule
        raise NotFoundError(f"pack {self.name} has no rule {rule_id}")


@cache
def load(name: str = DEFAULT) -> Pack:
    """Load the pack `framework/edition`.

    Raises:
        NotFoundError: there is no such pack.
        InvalidInputError: rules of the pack are malformed; all of them are named.
    """
    files = sorted((DIRECTORY / name).glob("*.yaml"))
    if not files:
        raise NotFoundError(f"there is no rule pack {name}")
    digest = hashlib.sha256()
    rules: list[Rule] = []
    problems: list[Problem] = []
    for path in files:
        content = path.read_bytes()
        digest.update(path.name.encode() + b"\0" + content + b"\0")
        rule = _rule(path.name, content, problems)
        if rule is not None:
            rules.append(rule)
    if problems:
        raise InvalidInputError(problems)
    return Pack(name, digest.hexdigest(), tuple(rules))


def _rule(name: str, content: bytes, problems: list[Problem]) -> Rule | None:
    try:
        return Rule.model_validate(yaml.safe_load(content))
    except yaml.YAMLError as error:
        problems.append(Problem(name, "file", "", str(error), "Write valid YAML."))
    except ValidationError as error:
        problems.extend(
            Problem(
                name,
                ".".join(str(part) for part in fault["loc"]) or "rule",
                str(fault.get("input", ""))[:80],
                fault["msg"],
                "Correct the rule by its schema, baselines.schemas.Rule.",
            )
            for fault in error.errors()
        )
    return None
