"""The reviewed playbooks, as data; what is not listed cannot be run."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

import yaml
from pydantic import BaseModel, ConfigDict, TypeAdapter

from hatang.errors import NotFoundError
from playbooks.parameters import Parameter, Text

SITE: Final = Path(__file__).parent / "site"


class Playbook(BaseModel):
    """One playbook that may be run; `reference` is the rule it serves.

    One that `writes` changes something: a run of it takes a second person's approval.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    file: str
    title: Text
    platforms: tuple[str, ...]
    writes: bool
    reference: str = ""
    parameters: dict[str, Parameter] = {}


@cache
def all_playbooks() -> dict[str, Playbook]:
    """Return every playbook by name."""
    text = (SITE / "catalogue.yaml").read_text(encoding="utf-8")
    content = yaml.load(text, yaml.CSafeLoader)
    return TypeAdapter(dict[str, Playbook]).validate_python(content)


def playbook(name: str) -> Playbook:
    """Return the playbook called `name`; raises NotFoundError naming those there are."""
    found = all_playbooks().get(name)
    if found is None:
        known = ", ".join(sorted(all_playbooks()))
        raise NotFoundError(f"there is no playbook {name}", fix=f"Use one of: {known}.")
    return found
