"""What `/snmp` answers: definitions of snmp_exporter's form, or hatang's own modules, read now."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from hatang import clock
from monitors.exporter.reading import read
from monitors.exporter.samples import Page, fill
from monitors.exporter.schema import read_definitions
from monitors.modules.registry import built_in

if TYPE_CHECKING:
    from pathlib import Path

    from monitors.exposition import Exposition
    from monitors.loop import Loop

DEFAULT: Final = "if_mib"
_OWN: Final = {
    "snmp_scrape_walk_duration_seconds": "Time SNMP walk/bulkwalk took.",
    "snmp_scrape_pdus_returned": "PDUs returned from walk.",
    "snmp_scrape_duration_seconds": "Total SNMP time scrape took (walk and processing).",
}
"""What snmp_exporter says of each scrape, in its own words."""


class SnmpDoor:
    """Reads devices that are watched here, each by its own credential."""

    def __init__(self, loop: Loop, exposition: Exposition, file: Path | None = None) -> None:
        """Serve the definitions of hatang and those of the snmp.yml in `file`.

        Raises:
            InvalidInputError: the file has problems; all of them are listed.
            OSError: it cannot be read.
        """
        self._loop = loop
        self._exposition = exposition
        self._definitions = read_definitions(file)
        self._modules = {module.name for module in built_in()}

    def unknown(self, names: tuple[str, ...]) -> list[str]:
        """Return which of `names` are neither a definition nor a module."""
        return sorted(set(names) - self._definitions.keys() - self._modules)

    async def read(self, whom: str, names: tuple[str, ...]) -> str:
        """Return the page of `names` of the device with this key, name or address, read now.

        Where a definition and a module of hatang have the same name, the definition counts.

        Raises:
            NotFoundError: no such device is watched here.
            DriverError: its agent does not answer, or refuses.
        """
        watch = self._loop.watch_of(whom)
        page, started, count = Page.empty(), clock.monotonic(), 0
        defined = [name for name in names if name in self._definitions]
        asked = 0.0
        for name in defined:
            definition = self._definitions[name]
            before = clock.monotonic()
            values = await watch.ask(partial(read, definition=definition))
            asked += clock.monotonic() - before
            count += values.count
            fill(page, definition, values)
        if defined:
            spent = clock.monotonic() - started
            own = zip(_OWN.items(), (asked, count, spent), strict=True)
            for (name, text), number in own:
                page.put(name, {}, number, ("gauge", text))
        others = tuple(name for name in names if name not in self._definitions)
        if not others:
            return page.text()
        blocks = await watch.read(others)
        kept = {name: text for name, text in blocks.items() if not page.has(name)}
        return page.text() + self._exposition.text([kept])
