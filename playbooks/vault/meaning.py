"""What differs between two configurations in what they mean: order and layout aside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from playbooks import drivers
from playbooks.drivers import routeros_export, tree

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from playbooks.drivers.tree import Lines


def _indented(separator: str) -> Callable[[str], Lines]:
    return lambda text: tree.indented(text, separator, ("end", "return", "quit"))


def _fortios(text: str) -> Lines:
    return drivers.fortios.blocks(text)  # loaded with its transport when such a text is read


_READERS: Final[Mapping[str, Callable[[str], Lines]]] = {
    "fortinet": _fortios,
    "mikrotik_routeros": routeros_export.exported,
    "huawei_vrp": _indented("#"),
    "hp_comware": _indented("#"),
}


def difference(platform: str, old: str, new: str) -> str:
    """Return the lines that came and went, each below its sections; empty when none did.

    A text that the platform's reader does not understand is compared by indentation.
    """
    read = _READERS.get(platform, _indented("!"))
    try:
        before, after = read(old), read(new)
    except ValueError:
        read = _indented("!")
        before, after = read(old), read(new)
    return tree.difference(before, after)
