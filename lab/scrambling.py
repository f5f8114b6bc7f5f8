"""Make a province nobody has seen: names, port numbers and wiring from the seed.

Discovery is proven on such a one. What a node is called for the lab's own commands stays; what the
node says of itself is `Node.called`.
"""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any

from lab.topology import Kind, Port

if TYPE_CHECKING:
    from lab.topology import Province

_CONSONANTS, _VOWELS = "bcdghklmnpqrstvx", "aeiouy"
_SYLLABLES = 3
_HUBS = (1, 2, 3)


class Scramble:
    """Draws names, gaps and ways from a seed; the same seed draws the same."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)  # noqa: S311 - a drawing, not a secret
        self._names: set[str] = set()

    def name(self) -> str:
        """Return a name nobody has."""
        while True:
            letters = [self._random.choice(row) for row in (_CONSONANTS, _VOWELS) * _SYLLABLES]
            found = f"{''.join(letters)}-{self._random.randint(1, 99):02}"
            if found not in self._names:
                self._names.add(found)
                return found

    def gap(self) -> int:
        """Return how many ports stay free before the next one."""
        return self._random.randint(0, 1)

    def hubs(self, hubs: tuple[int, ...]) -> dict[int, int]:
        """Return at which hub the communes of each hub hang instead."""
        others = list(hubs)
        self._random.shuffle(others)
        return dict(zip(hubs, others, strict=True))

    def is_crossed(self) -> bool:
        """Return whether a hub's circuits change cores."""
        return self._random.random() < 0.5


def add_spares(drawn: Province) -> None:
    """Give every switch one more port, with a cable that ends nowhere: the one to move to."""
    for switch in drawn.of_kind(Kind.SWITCH):
        name, label = switch.next_port()
        switch.ports.append(Port(name, label, "spare"))


def spares(drawn: Province) -> list[tuple[str, str]]:
    """Return (node, port) of the ports without a link."""
    used = {end for link in drawn.links.values() for end in (link.a, link.z)}
    return [
        (node.name, port.name)
        for node in drawn.of_kind(Kind.SWITCH)
        for port in node.ports
        if (node.name, port.name) not in used
    ]


def as_called(content: dict[str, Any], drawn: Province) -> dict[str, Any]:
    """Return an inventory file with the names that the nodes give themselves."""
    names = {node.name: node.called for node in drawn.nodes.values()}

    def end(text: str) -> str:
        node, _, port = text.partition(":")
        return f"{names.get(node, node)}:{port}"

    result = dict(content)
    result["devices"] = [{**row, "name": names[row["name"]]} for row in content["devices"]]
    result["links"] = [{**row, "a": end(row["a"]), "b": end(row["b"])} for row in content["links"]]
    result["services"] = [
        {**row, "runs_on": [names[one] for one in row["runs_on"]]} for row in content["services"]
    ]
    for section in ("bridges", "registrars"):
        result[section] = [{**row, "device": names[row["device"]]} for row in content[section]]
    return result
