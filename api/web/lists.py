"""Lists that are typed into one field of a form: words, numbers, names with their values."""

from __future__ import annotations

from hatang.errors import Problem


def words(text: str) -> tuple[str, ...]:
    """Return words set apart by commas, blanks or lines."""
    return tuple(text.replace(",", " ").split())


def numbers(text: str, problems: list[Problem]) -> list[int]:
    """Return the numbers of versions; what is none goes to `problems`."""
    found = []
    for word in words(text):
        if word.isascii() and word.isdecimal() and len(word) < 10:
            found.append(int(word))
        else:
            fix = "Write the numbers that the vault shows."
            problems.append(Problem("form", "versions", word[:80], "is no number", fix))
    return found


def parameters(text: str, problems: list[Problem]) -> dict[str, str]:
    """Return parameters, a NAME=VALUE a line; a line that is none goes to `problems`."""
    found = {}
    for number, line in enumerate(text.splitlines(), 1):
        name, mark, value = line.partition("=")
        if mark and name.strip():
            found[name.strip()] = value.strip()
        elif line.strip():
            fix = "Write one NAME=VALUE a line."
            problem = Problem("form", "parameters", line[:80], "has no = in it", fix, number)
            problems.append(problem)
    return found
