"""RouterOS's export as menus with their commands, and what further commands make of it."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from playbooks.drivers.tree import Lines

_VERBS: Final = frozenset({"add", "set", "remove", "enable", "disable"})
_FIND: Final = re.compile(r"\[ *find *([^\]]*)\]")
_CONTINUED: Final = re.compile(r"\\[ \t]*\n[ \t]*")


def joined(text: str) -> str:
    """Return an export with each command on one line, as long as it is."""
    return _CONTINUED.sub("", text)


def exported(text: str) -> Lines:
    """Read an export; what is no command whose effect can be told is left out."""
    found: Lines = {}
    for menu, words in _statements(text):
        if menu and words and words[0] in _VERBS:
            found.setdefault(menu, {})[_written(" ".join(words))] = {}
    return found


def snippet(text: str) -> Lines:
    """Read commands to give, one a line, below their menu or behind it.

    Raises:
        ValueError: a line is no command whose effect can be told beforehand.
    """
    statements = list(_statements(text))
    for number, (menu, words) in enumerate(statements):
        after = statements[number + 1 : number + 2]
        is_heading = not words and bool(after) and after[0][0] == menu and bool(after[0][1])
        if not is_heading and (not menu or not words or words[0] not in _VERBS):
            line = " ".join((menu, *words)).strip()
            raise ValueError(f"{line}: only {', '.join(sorted(_VERBS))} can be planned")
    return exported(text)


def _statements(text: str) -> Iterator[tuple[str, list[str]]]:
    menu = ""
    for raw in joined(text).splitlines():
        words = raw.split()
        if not words or words[0].startswith("#"):
            continue
        if words[0].startswith("/"):
            at = next((i for i, word in enumerate(words) if word in _VERBS), len(words))
            menu, words = " ".join(words[:at]), words[at:]
        yield menu, words


def commands(wanted: Lines) -> Iterator[str]:
    """Yield each command with its menu before it."""
    for menu, lines in wanted.items():
        for line in lines:
            yield f"{menu} {line}"


def predicted(before: Lines, wanted: Lines) -> Lines:
    """Return what `before` becomes by the commands of `wanted`."""
    after = {menu: dict(lines) for menu, lines in before.items()}
    for menu, lines in wanted.items():
        section = after.setdefault(menu, {})
        for line in lines:
            _do(section, line)
    return {menu: lines for menu, lines in after.items() if lines}


def _do(section: Lines, line: str) -> None:
    verb, _, rest = line.partition(" ")
    wanted, given, item = _parts(rest)
    if verb in {"enable", "disable"}:
        verb, given = "set", {"disabled": "no" if verb == "enable" else "yes"}
    if verb == "add":
        if not any(_holds(one, given) for one in section):
            section[_line("add", "", given)] = {}
        return
    hits = [one for one in section if one.startswith("add ") and _holds(one, wanted)]
    if verb == "remove" or (wanted and "default-name" not in wanted):
        for one in hits if wanted else ():
            del section[one]
            if verb == "set":
                section[_line("add", "", {**_properties(one), **given})] = {}
        return
    head = f"[ find default-name={wanted['default-name']} ]" if wanted else item
    _settle(section, head, given)


def _settle(section: Lines, head: str, given: Mapping[str, str]) -> None:
    """Give the one thing that `head` names, or the menu itself, the properties `given`."""
    held: dict[str, str] = {}
    for one in list(section):
        if one.startswith("set ") and _head(one) == head:
            held |= _properties(one)
            del section[one]
    section[_line("set", head, {**held, **given})] = {}


def _holds(line: str, wanted: Mapping[str, str]) -> bool:
    return line.startswith("add ") and wanted.items() <= _properties(line).items()


def _parts(rest: str) -> tuple[dict[str, str], dict[str, str], str]:
    """Return what is looked for, what is given, and the item that is named."""
    found = _FIND.search(rest)
    bare = _FIND.sub("", rest)
    first = bare.split()[:1]
    item = first[0] if first and "=" not in first[0] else ""
    return _properties(found[1]) if found else {}, _properties(bare), item


def _head(line: str) -> str:
    wanted, _, item = _parts(line.partition(" ")[2])
    return f"[ find default-name={wanted['default-name']} ]" if "default-name" in wanted else item


def _written(line: str) -> str:
    """Return a command in one way of writing, whatever order its properties came in."""
    verb, _, rest = line.partition(" ")
    wanted, given, item = _parts(rest)
    found = _FIND.search(rest)
    head = f"[ find {_words(wanted)} ]" if found else item
    return _line(verb, head, given)


def _line(verb: str, head: str, given: Mapping[str, str]) -> str:
    return " ".join(part for part in (verb, head, _words(given)) if part)


def _properties(text: str) -> dict[str, str]:
    try:
        words = shlex.split(_FIND.sub("", text))
    except ValueError as error:
        raise ValueError(f"{text}: {error}") from error
    return dict(word.split("=", 1) for word in words if "=" in word)


def _words(given: Mapping[str, str]) -> str:
    return " ".join(
        f"{name}={value}"
        if re.fullmatch(r"[^\s;\"$?\[\]\\]+", value)
        else f"{name}={_quoted(value)}"
        for name, value in sorted(given.items())
    )


def _quoted(value: str) -> str:
    escaped = re.sub(r'(["\\$?])', r"\\\1", value)
    return f'"{escaped}"'
