"""Templates of configuration: Jinja2, strict and in a sandbox, filled in by a limited process.

What a template knows is data. A value that is missing is an error and never an empty text; a value
with a control character would begin a line of its own and is refused; no template reaches a file,
the network or our memory, since it is filled in by a process that has none of them to give.
"""

from __future__ import annotations

import json
import traceback
from typing import TYPE_CHECKING, Any, Final

from jinja2 import StrictUndefined, TemplateError, TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from hatang.errors import InvalidInputError, Problem
from hatang.workshop import Bench, Fault, Limits, SpoiltError

if TYPE_CHECKING:
    from collections.abc import Mapping

WHERE: Final = "template"
MAX_TEMPLATE: Final = 200_000  # characters; a whole configuration of a core device is half of it
MAX_TEXT: Final = 500_000  # characters a template may grow to for one device
_NAME: Final = "<template>"
_LIMITS: Final = Limits(
    seconds=60.0,
    cpu_seconds=40,
    memory_bytes=768 * 1024 * 1024,
    answer_bytes=64 * 1024 * 1024,
)
TOO_LONG: Final = "is too long"
TOO_SLOW: Final = "takes too long"
TOO_GREEDY: Final = "needs more than a template may take"
GROWS: Final = "grows too long"
LIMITS_TOLD: Final = frozenset({TOO_LONG, TOO_SLOW, TOO_GREEDY, GROWS})
"""What is told of a limit that a template passes: words of ours, with no part of a value in them.
"""
# They give another text each time: what was approved would not be what is done.
_UNSTEADY: Final = ("random", "lipsum")


class ControlCharacterError(TemplateError):
    """A value that would begin a line of its own."""


def render(template: str, values: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Return what `template` becomes for each device; `values` are by the device's name.

    Raises:
        InvalidInputError: the template is wrong, a device lacks a value it names, or a value
            holds a control character; for every device at once, each with the template's line.
    """
    texts, problems = filled(template, values)
    if problems:
        raise InvalidInputError(problems)
    return texts


def filled(
    template: str, values: Mapping[str, Mapping[str, Any]]
) -> tuple[dict[str, str], list[Problem]]:
    """Return what `template` becomes for each device it can be filled in for, and all problems.

    A problem's field is `of_device(name)`, or `text` where it is of the template for every device.
    """
    if len(template) > MAX_TEMPLATE:
        fix = f"Keep it under {MAX_TEMPLATE} characters."
        return {}, [Problem(WHERE, "text", "", TOO_LONG, fix)]
    given = json.dumps({"template": template, "values": values}).encode()
    try:
        with Bench("playbooks.templates:fill", _LIMITS) as bench:
            answer = json.loads(bench.work(given))
    except SpoiltError as error:
        is_slow = error.fault is Fault.OUT_OF_TIME
        message = TOO_SLOW if is_slow else TOO_GREEDY
        return {}, [Problem(WHERE, "text", "", message, "Take the loop out of it.")]
    texts: dict[str, str] = answer["texts"]
    return texts, [Problem(**one) for one in answer["problems"]]


def of_device(name: str) -> str:
    """Return the field of problems that only this device has with a template."""
    return f"device {name}"


def fill(given: bytes) -> bytes:
    """Return the texts and problems of what `render` asks; the bench's task."""
    asked = json.loads(given)
    texts: dict[str, str] = {}
    problems: list[dict[str, Any]] = []
    try:
        template = environment().from_string(asked["template"])
    except TemplateSyntaxError as error:
        problems.append(_problem("", error.message or "is wrong", error.lineno))
    else:
        for device, values in asked["values"].items():
            try:
                text = template.render(values)
            except Exception as error:  # noqa: BLE001 - whatever a template can do wrong is said
                problems.append(_problem(device, _told(error), _line(error)))
                continue
            if len(text) > MAX_TEXT:
                problems.append(_problem(device, GROWS, None))
            else:
                texts[device] = text
    return json.dumps({"texts": texts, "problems": problems}).encode()


def environment() -> ImmutableSandboxedEnvironment:
    """Return where templates are read: no loader, no extension, nothing that changes by itself."""
    made = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=_plain,
        autoescape=False,
    )
    for name in _UNSTEADY:
        made.globals.pop(name, None)
        made.filters.pop(name, None)
    return made


def _plain(value: object) -> object:
    """Return a value that may stand in a line; raises ControlCharacterError otherwise."""
    if value is None:
        raise ControlCharacterError("a value is absent")
    text = str(value)
    if not text.isprintable():
        raise ControlCharacterError(f"a value holds a control character: {text[:40]!r}")
    return value


def _told(error: Exception) -> str:
    text = str(error) or type(error).__name__
    return text if isinstance(error, TemplateError) else f"{type(error).__name__}: {text}"


def _line(error: Exception) -> int | None:
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if frame.filename == _NAME]
    return lines[-1] if lines else None


def _problem(device: str, message: str, line: int | None) -> dict[str, Any]:
    return {
        "where": WHERE,
        "field": of_device(device) if device else "text",
        "value": "",
        "message": message[:300],
        "fix": "Correct the template, or the device's data in the inventory.",
        "line": line,
    }
