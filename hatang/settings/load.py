"""Reads hatang.toml and HATANG_* into Settings and reports everything wrong with them at once."""

from __future__ import annotations

import json
import os
import tomllib
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, get_args

from pydantic import BaseModel, SecretStr, ValidationError

from hatang.errors import Problem, SettingsError
from hatang.settings.model import Settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pydantic_core import ErrorDetails

PREFIX: Final = "HATANG_"
CONFIG_VARIABLE: Final = "HATANG_CONFIG"
SEARCH: Final = (Path("hatang.toml"), Path("/etc/hatang/hatang.toml"))
# The lab and the tests talk to themselves with these; they are no settings.
_FOREIGN: Final = ("HATANG_LAB_", "HATANG_TEST_", "HATANG_REMOTE_", CONFIG_VARIABLE)


class InvalidSettingsError(SettingsError):
    """The settings hold problems; all of them are listed."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        count = len(self.problems)
        head = "a setting is wrong" if count == 1 else f"{count} settings are wrong"
        lines = "\n".join(f"  {problem}" for problem in self.problems)
        super().__init__(f"{head}:\n{lines}", fix="Mend what is listed and start again.")


@dataclass(frozen=True, slots=True)
class _Given:
    """A value with the place it came from, so that a problem can name that place."""

    where: str
    path: tuple[str, ...]
    value: Any


def load(path: Path | None = None, environ: Mapping[str, str] | None = None) -> Settings:
    """Return the settings: defaults, over them hatang.toml, over it HATANG_* and HATANG_*_FILE.

    The file is `path`, else $HATANG_CONFIG, else hatang.toml here, else /etc/hatang/hatang.toml;
    none at all is fine. Nested keys are written with two underscores: HATANG_API__PUBLIC_URL.

    Raises:
        InvalidSettingsError: one or more settings are wrong; every problem is in it.
        SettingsError: the named file does not exist or cannot be read.
    """
    environ = os.environ if environ is None else environ
    file = _find(path, environ)
    values = {} if file is None else _read_toml(file)
    given, problems = _from_environment(environ)
    origins = {entry.path: entry.where for entry in given}
    for entry in given:
        _put(values, entry)
    try:
        settings = Settings.model_validate_json(json.dumps(values, default=str), strict=True)
    except ValidationError as error:
        problems += [_problem(details, str(file), origins) for details in error.errors()]
    if problems:
        raise InvalidSettingsError(problems)
    return settings


def _find(path: Path | None, environ: Mapping[str, str]) -> Path | None:
    named = path or (Path(environ[CONFIG_VARIABLE]) if environ.get(CONFIG_VARIABLE) else None)
    if named is not None:
        if not named.is_file():
            raise SettingsError(
                f"the settings file {named} does not exist",
                fix="Create it, or name another with --config or HATANG_CONFIG.",
            )
        return named
    return next((found for found in SEARCH if found.is_file()), None)


def _read_toml(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{file} is no valid TOML: {error}", fix="Mend that line.") from error
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"{file} cannot be read: {error}", fix="Make it UTF-8 text this user may read."
        ) from error


def _from_environment(environ: Mapping[str, str]) -> tuple[list[_Given], list[Problem]]:
    given: list[_Given] = []
    problems: list[Problem] = []
    # Sorted so that X comes before X_FILE: giving both is a problem, not a race.
    for name in sorted(environ):
        if not name.startswith(PREFIX) or name.startswith(_FOREIGN):
            continue
        found = _resolve(name, environ[name])
        if isinstance(found, Problem):
            problems.append(found)
        elif any(entry.path == found.path for entry in given):
            problems.append(_complain(name, "is given twice, once as _FILE", "Keep one of them."))
        else:
            given.append(found)
    return given, problems


def _resolve(name: str, text: str) -> _Given | Problem:
    path = tuple(name.removeprefix(PREFIX).lower().split("__"))
    kind = _annotation(path)
    if kind is not None:
        return _Given(name, path, _parse(text, kind))
    bare = (*path[:-1], path[-1].removesuffix("_file"))
    kind = _annotation(bare) if bare != path else None
    if kind is None:
        return _complain(name, "is no setting", _suggest(path))
    try:
        return _Given(name, bare, _parse(Path(text).read_text("utf-8").strip(), kind))
    except (OSError, UnicodeDecodeError) as error:
        return _complain(name, f"{text} cannot be read ({error})", "Name a readable text file.")


def _complain(name: str, message: str, fix: str) -> Problem:
    # The value is left out: a variable may hold a secret.
    return Problem(where="environment", field=name, value="", message=message, fix=fix)


def _annotation(path: tuple[str, ...]) -> Any:  # noqa: ANN401 RUF100 - a type expression
    model: type[BaseModel] = Settings
    for depth, key in enumerate(path):
        field = _fields(model).get(key)
        if field is None:
            return None
        kind = field.annotation
        if depth == len(path) - 1:
            return None if _is_section(kind) else kind
        if not _is_section(kind):
            return None
        model = kind
    return None


def _fields(model: type[BaseModel]) -> dict[str, Any]:
    return {field.alias or name: field for name, field in model.model_fields.items()}


def _is_section(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _parse(text: str, kind: Any) -> Any:  # noqa: ANN401 RUF100 - whatever JSON can hold
    """Turn an environment string into the JSON value its field wants; text stays text."""
    if _is_list(kind):
        listed = text.lstrip().startswith("[")
        return _json(text) if listed else [part.strip() for part in text.split(",") if part.strip()]
    if {kind, *get_args(kind)} & {str, Path, SecretStr}:
        return text
    return _json(text)


def _json(text: str) -> Any:  # noqa: ANN401 RUF100 - whatever JSON can hold
    try:
        return json.loads(text)
    except ValueError:
        return text  # the model then says what it wanted instead


def _is_list(kind: object) -> bool:
    return getattr(kind, "__origin__", None) is tuple


def _put(values: dict[str, Any], entry: _Given) -> None:
    table = values
    for key in entry.path[:-1]:
        below = table.setdefault(key, {})
        if not isinstance(below, dict):  # the file holds nonsense here; the environment wins
            below = table[key] = {}
        table = below
    table[entry.path[-1]] = entry.value


def _problem(details: ErrorDetails, file: str, origins: Mapping[tuple[str, ...], str]) -> Problem:
    path = tuple(str(part) for part in details["loc"])
    variable = next(
        (origins[path[:size]] for size in range(len(path), 0, -1) if path[:size] in origins), None
    )
    message = details["msg"].removeprefix("Value error, ")
    fix = "Give it a value of that form."
    if details["type"] == "extra_forbidden":
        message, fix = "is no setting", _suggest(path)
    return Problem(
        where="environment" if variable else file,
        field=variable or ".".join(path),
        value=_shown(details),
        message=message,
        fix=fix,
    )


def _shown(details: ErrorDetails) -> str:
    value = details.get("input")
    path = tuple(str(part) for part in details["loc"])
    kind = _annotation(path)
    secret = kind is SecretStr or any(word in path[-1] for word in ("url", "password", "token"))
    if secret or isinstance(value, dict | list):
        return ""
    return str(value)[:80]


def _suggest(path: tuple[str, ...]) -> str:
    model: type[BaseModel] = Settings
    for key in path[:-1]:
        field = _fields(model).get(key)
        if field is None or not _is_section(field.annotation):
            break
        model = field.annotation
    names = list(_fields(model))
    close = get_close_matches(path[-1], names, n=1)
    if close:
        return f"Did you mean {close[0]}?"
    return f"Remove it; known here: {', '.join(sorted(names))}."
