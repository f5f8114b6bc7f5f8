"""What a person says of words that other tools use and hatang does not: a small YAML file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from hatang.errors import InvalidInputError, Problem
from inventory import platforms, yamlfile
from inventory.choices import DeviceRole
from inventory.records import suggestion

if TYPE_CHECKING:
    from pathlib import Path

_MAX_BYTES: Final = 1024 * 1024


class Part(BaseModel):
    """A piece of the file."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Defaults(Part):
    """What holds where the source says nothing, or a word that nobody mapped."""

    unit: str | None = None
    site: str | None = None
    site_kind: str | None = None
    role: str | None = None
    platform: str | None = None


class GroupFields(Part):
    """What being in a group of Ansible's says of a device."""

    site: str | None = None
    role: str | None = None
    platform: str | None = None
    status: str | None = None


class Mapping(Part):
    """Their word → ours; null leaves the devices of a role or platform out.

    `units` and `site_kinds` are asked with a site's slug, then its group's, region's, tenant's.
    `groups` are Ansible's.
    """

    roles: dict[str, str | None] = Field(default_factory=dict)
    platforms: dict[str, str | None] = Field(default_factory=dict)
    units: dict[str, str] = Field(default_factory=dict)
    site_kinds: dict[str, str] = Field(default_factory=dict)
    groups: dict[str, GroupFields] = Field(default_factory=dict)
    defaults: Defaults = Defaults()

    def leaves_out(self, role: str | None, platform: str | None) -> bool:
        """Tell whether devices of this role or platform are not wanted."""
        return (role in self.roles and self.roles[role] is None) or (
            platform in self.platforms and self.platforms[platform] is None
        )

    def role(self, word: str | None) -> str | None:
        """Return our role; an unknown word comes back as it is, to be told as a problem."""
        if word is None:
            return self.defaults.role
        found = self.roles.get(word, word)
        return found if found in set(DeviceRole) else self.defaults.role or found

    def platform(self, word: str | None) -> str | None:
        """Return our platform; an unknown word comes back as it is."""
        if word is None:
            return self.defaults.platform
        found = self.platforms.get(word, word) or word
        known = platforms.names()
        for name in (found, found.replace("-", "_")):
            if name in known:
                return name
        return self.defaults.platform or found

    def unit(self, *words: str | None) -> str | None:
        """Return the unit that the first known of `words` belongs to."""
        found = (self.units[word] for word in words if word in self.units)
        return next(found, self.defaults.unit)

    def site_kind(self, *words: str | None) -> str | None:
        """Return the kind of site that the first known of `words` means."""
        found = (self.site_kinds[word] for word in words if word in self.site_kinds)
        return next(found, self.defaults.site_kind)


def load(path: Path) -> Mapping:
    """Return the mapping of a file.

    Raises:
        InvalidInputError: no YAML, an unknown key, or a value that is no text; all at once.
    """
    if path.stat().st_size > _MAX_BYTES:
        raise InvalidInputError([Problem(path.name, "file", "", "is too large", "Shorten it.")])
    tree = yamlfile.read(path.read_text(encoding="utf-8-sig"), path.name)
    try:
        return Mapping.model_validate(tree.root or {})
    except ValidationError as error:
        raise InvalidInputError(
            [_problem(path.name, one["loc"], one["msg"]) for one in error.errors()]
        ) from error


def _problem(where: str, place: tuple[int | str, ...], message: str) -> Problem:
    name = ".".join(str(part) for part in place)
    known = ", ".join(Mapping.model_fields)
    fix = suggestion(name, Mapping.model_fields) or f"Known are: {known}."
    return Problem(where, name or "file", "", message, fix)
