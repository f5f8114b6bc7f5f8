"""What brings a configuration to the intended one; a proposal, never more.

hier_config knows how lines hang together and how each is taken out. What it proposes is played on
the running text first: unless that ends as intended, there is no proposal.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hier_config import HConfigChild

# FRR's command line is taken out with `no`, and has none of IOS' peculiarities. Of FortiOS the
# library's proposal lacks `next` and `end`, of Junos what it takes out cannot be played.
_KNOWN: Final[Mapping[str, str]] = {
    "arista_eos": "ARISTA_EOS",
    "cisco_ios": "CISCO_IOS",
    "cisco_nxos": "CISCO_NXOS",
    "frr": "GENERIC",
    "hp_comware": "HP_COMWARE5",
    "huawei_vrp": "HUAWEI_VRP",
}
# What FRR prints around its sections and between them, and around the whole.
_FRAME: Final = re.compile(
    r"(?m)^(?:[ \t]*(?:!.*|exit(?:-[a-z-]+)?)|end|frr (?:version|defaults) .*"
    r"|(?:Building|Current) configuration.*)\n"
)


def remediation(platform: str, running: str, intended: str, *, is_whole: bool) -> str | None:
    """Return the lines that make `running` as `intended`: empty when it is, None when unknown.

    Not `is_whole`, only the sections that `intended` names are made as it says; lines and sections
    it does not name stay. With `is_whole` everything else goes.
    """
    name = _KNOWN.get(platform)
    if name is None:
        return None
    from hier_config import Platform, WorkflowRemediation, get_hconfig  # noqa: PLC0415 RUF100 - 0.1 s
    from hier_config.exceptions import DuplicateChildError  # noqa: PLC0415 RUF100

    known = Platform[name]
    if known is Platform.GENERIC:
        running, intended = (_FRAME.sub("", f"{each}\n") for each in (running, intended))
    try:
        goal, start = get_hconfig(known, intended), get_hconfig(known, running)
    except DuplicateChildError:  # a section stands twice, which it cannot tell apart
        return None
    if not is_whole:
        names = {child.text for child in goal.children}
        kept = [child for child in start.children if child.text in names]
        text = [_indented(line) for top in kept for line in (top, *top.all_children())]
        start = get_hconfig(known, "\n".join(text))
    proposed = WorkflowRemediation(start, goal).remediation_config
    if list(start.future(proposed).unified_diff(goal)):
        return None
    return "".join(f"{_indented(line)}\n" for line in proposed.all_children_sorted())


def _indented(line: HConfigChild) -> str:
    return line.cisco_style_text()
