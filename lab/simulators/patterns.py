"""Commands known by regular expression; the first that matches the whole line answers it."""

import re
from collections.abc import Callable, Mapping

Commands = Mapping[str, Callable[[re.Match[str]], str]]


def answer(commands: Commands, line: str) -> str | None:
    """What the command prints; None when none is known."""
    for pattern, does in commands.items():
        found = re.fullmatch(pattern, line)
        if found is not None:
            return does(found)
    return None
