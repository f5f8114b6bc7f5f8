"""SCAP source datastreams that somebody gives: what they can judge by, and that they run nothing.

OpenSCAP runs scripts that a datastream carries (its Script Check Engine), as root: a datastream
with anything but OVAL and questionnaires in it would be a way to do anything on a server.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree

from baselines import scap
from hatang.errors import InvalidInputError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.etree.ElementTree import Element

ROOT: Final = "data-stream-collection"
READING: Final = (
    "http://oval.mitre.org/XMLSchema/oval-definitions-5",
    "http://scap.nist.gov/schema/ocil/",
)
"""How the systems of checks begin that read only: OVAL 5 and OCIL (NIST SP 800-126)."""
_CARRIERS: Final = frozenset({"extended-component", "script"})
_SCRIPTS: Final = "carries scripts, which would run on the server as root"


@dataclass(frozen=True, slots=True, repr=False)
class Datastream:
    """A datastream as it was given, its SHA-256 and the profiles of its benchmarks."""

    filename: str
    data: bytes
    sha256: str
    profiles: tuple[str, ...]

    @classmethod
    def read(cls, data: bytes, filename: str) -> Datastream:
        """Look through a datastream without keeping it in memory twice.

        Raises:
            InvalidInputError: too large, no XML, entities are declared, no datastream, no
                benchmark in it, or it carries checks that run something.
        """
        scap.refuse_odd(data, filename)
        profiles: list[str] = []
        holds = False
        for element, depth in _elements(data, filename):
            name = scap.name(element)
            if depth == 0 and name != ROOT:
                fix = "Give the datastream, as a rule called …-ds.xml."
                raise _refused(filename, "file", name[:40], "is no SCAP datastream", fix)
            _refuse_scripts(element, name, filename)
            holds = holds or name == "Benchmark"
            if name == "Profile":
                profiles.append(element.get("id", ""))
        if not holds:
            fix = "Give a datastream with an XCCDF benchmark."
            raise _refused(filename, "Benchmark", "", "holds no benchmark", fix)
        return cls(filename, data, hashlib.sha256(data).hexdigest(), tuple(sorted(set(profiles))))

    def profile(self, wanted: str) -> str:
        """Return the whole id of a profile, which its last word is enough to name.

        Nothing may be wanted of a datastream that has no profile: its own selection counts.

        Raises:
            InvalidInputError: it has no such profile, or several that end so.
        """
        named = [one for one in self.profiles if one == wanted]
        fitting = named or [one for one in self.profiles if one.endswith(f"_profile_{wanted}")]
        if len(fitting) == 1:
            return fitting[0]
        if not self.profiles and not wanted:
            return ""
        fix = f"Give one of: {', '.join(self.profiles)}." if self.profiles else "Give none."
        message = "fits several profiles" if fitting else "is no profile of this datastream"
        raise _refused(self.filename, "profile", wanted[:200], message, fix)


def _elements(data: bytes, filename: str) -> Iterator[tuple[Element, int]]:
    depth = 0
    try:
        for event, element in ElementTree.iterparse(io.BytesIO(data), ("start", "end")):  # noqa: S314 - without entities
            if event == "start":
                yield element, depth
                depth += 1
            else:
                depth -= 1
                element.clear()
    except ElementTree.ParseError as error:
        fix = "Give the file as it was made, whole."
        raise _refused(filename, "file", "", f"is no XML: {error}", fix) from error


def _refuse_scripts(element: Element, name: str, filename: str) -> None:
    system = element.get("system", "")
    runs = name == "check" and not system.startswith(READING)
    if runs or name in _CARRIERS:
        fix = "Give one whose checks are OVAL."
        raise _refused(filename, name, system[:200], _SCRIPTS, fix)


def _refused(filename: str, field: str, value: str, message: str, fix: str) -> InvalidInputError:
    return InvalidInputError([Problem(filename, field, value, message, fix)])
