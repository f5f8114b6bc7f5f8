"""A change as it is typed into its form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, Field

from api.web import lists, moments
from hatang.errors import InvalidInputError, Problem
from playbooks import changes
from playbooks.changes.planning import DEFAULT_REVERT_SECONDS

if TYPE_CHECKING:
    from playbooks.changes.composing import Source


class ChangeForm(BaseModel):
    """What to do, on which devices, when, and how it spreads."""

    action: Literal["preview", "create"] = "preview"
    title: str = Field(default="", max_length=200)
    reason: str = Field(default="", max_length=4_000)
    source: Literal["snippet", "template", "intended", "restore", "standard"] = "snippet"
    text: str = Field(default="", max_length=200_000)
    standard: str = Field(default="", max_length=100)
    intended: str = Field(default="", max_length=100)
    parameters: str = Field(default="", max_length=4_000)
    versions: str = Field(default="", max_length=4_000)
    names: str = Field(default="", max_length=20_000)
    sites: str = Field(default="", max_length=4_000)
    units: str = Field(default="", max_length=4_000)
    roles: list[str] = Field(default=[], max_length=50)
    revert_seconds: int = Field(default=DEFAULT_REVERT_SECONDS, ge=1, le=3_600)
    canary: int = Field(default=1, ge=0, le=100)
    batch: int = Field(default=50, ge=0, le=10_000)
    soak_seconds: int = Field(default=0, ge=0, le=86_400)
    opens_at: str = Field(default="", max_length=40)
    closes_at: str = Field(default="", max_length=40)

    def wanted(self, zone: str) -> changes.Wanted:
        """Return it as the service takes it; times are in the time zone `zone`.

        Raises:
            InvalidInputError: a time, a version or a parameter is not readable; all of them.
        """
        problems: list[Problem] = []
        source = self._source(problems)
        if problems:
            raise InvalidInputError(problems)
        window = changes.Window(
            moments.typed("opens_at", self.opens_at, zone),
            moments.typed("closes_at", self.closes_at, zone),
        )
        chosen = changes.Selection(
            names=lists.words(self.names),
            sites=lists.words(self.sites),
            units=lists.words(self.units),
            roles=tuple(self.roles),
        )
        rollout = changes.Rollout(self.canary, self.batch, soak_seconds=self.soak_seconds)
        return changes.Wanted(
            title=self.title,
            source=source,
            selection=chosen,
            reason=self.reason,
            revert_seconds=self.revert_seconds,
            rollout=rollout,
            window=window,
        )

    def _source(self, problems: list[Problem]) -> Source:
        match self.source:
            case "snippet":
                return changes.Snippet(self.text.replace("\r\n", "\n"))
            case "template":
                text = self.text.replace("\r\n", "\n")
                return changes.Template(text, lists.parameters(self.parameters, problems))
            case "intended":
                return changes.Stored(self.intended)
            case "standard":
                return changes.Standard(self.standard, lists.parameters(self.parameters, problems))
            case "restore":
                return changes.Restore(tuple(lists.numbers(self.versions, problems)))
