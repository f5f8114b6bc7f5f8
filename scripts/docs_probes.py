"""The table of probes of docs/probes.md, out of the registry and its options."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

from pydantic_core import PydanticUndefined

from monitors.probes.registry import PROBES

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

    from monitors.probes.result import Probe


def probes_of_registry() -> str:
    """Return every probe with its addresses, what is good, and its options."""
    out = ["| probe | addresses | good when | options (and what holds without them) |"]
    out.append("|---|---|---|---|")
    return "\n".join([*out, *(_row(name, one) for name, one in sorted(PROBES.items()))])


def _row(name: str, probe: Probe) -> str:
    schemes = ", ".join(f"`{scheme}:`" for scheme in probe.schemes)
    good = _first(probe.ask.__doc__).removeprefix("Answer when ").rstrip(".")
    fields = probe.options.model_fields
    options = ", ".join(_option(key, field) for key, field in fields.items()) or "none"
    said = _told(probe.options) if fields else ""
    where = "in its options" if probe.aims_itself and name in {"journey", "reach"} else schemes
    return f"| `{name}` | {where} | {good} | {options}{said} |"


def _told(options: type) -> str:
    text = " ".join((options.__doc__ or "").split())
    return f". {text}" if text else ""


def _option(name: str, field: FieldInfo) -> str:
    value = field.default
    if value is PydanticUndefined and field.default_factory is None:
        return f"`{name}` (needed)"
    if value is PydanticUndefined or value in (None, "", (), {}):
        return f"`{name}`"
    shown = str(value).lower() if isinstance(value, bool) else value
    return f"`{name}` ({shown})"


def _first(text: str | None) -> str:
    return " ".join(inspect.cleandoc(text or "").split("\n\n")[0].split())
