"""A sample that anybody can draw again: stratified, by a seed that the report names."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping


@dataclass(frozen=True, slots=True)
class Stratum:
    """A part of the population: what was drawn of how many."""

    name: str
    drawn: tuple[str, ...]
    size: int


@dataclass(frozen=True, slots=True)
class Sample:
    """What was drawn by `seed`, stratum by stratum; `size` is the population's, N."""

    seed: str
    size: int
    strata: tuple[Stratum, ...]

    @property
    def drawn(self) -> tuple[str, ...]:
        """All that was drawn, n of them."""
        return tuple(name for stratum in self.strata for name in stratum.drawn)


def draw(population: Mapping[str, Collection[str]], n: int, seed: str) -> Sample:
    """Return `n` names of the strata of `population`, or all when there are fewer.

    Each stratum has its share by largest remainders, and one at least where `n` suffices for that.
    Within a stratum those come first whose SHA-256 with the seed is smallest: who has the same
    names and the seed draws the same, on any computer and in any language.
    """
    strata = {name: frozenset(names) for name, names in sorted(population.items()) if names}
    size = sum(len(names) for names in strata.values())
    shares = _shares({name: len(names) for name, names in strata.items()}, min(n, size))
    found = []
    for name, names in strata.items():
        ranked = sorted(names, key=lambda one: _rank(seed, one))
        found.append(Stratum(name, tuple(ranked[: shares[name]]), len(names)))
    return Sample(seed, size, tuple(found))


def _shares(sizes: Mapping[str, int], n: int) -> dict[str, int]:
    least = 1 if n >= len(sizes) else 0
    shares = dict.fromkeys(sizes, least)
    open_places, total = n - least * len(sizes), sum(sizes.values())
    if not open_places:
        return shares
    exact = {name: n * size / total for name, size in sizes.items()}
    while sum(shares.values()) < n:
        behind = [name for name in sizes if shares[name] < sizes[name]]
        most = max(behind, key=lambda name: (exact[name] - shares[name], name))
        shares[most] += 1
    return shares


def _rank(seed: str, name: str) -> str:
    return hashlib.sha256(f"{seed}\n{name}".encode()).hexdigest()
