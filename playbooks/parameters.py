"""Typed parameters of playbooks: checked before anything runs, all problems at once.

A value comes as JSON, or as text of a command line: numbers, yes and no, and lists with commas
between are read out of text.
"""

from __future__ import annotations

import ipaddress
import re
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from pydantic import BaseModel, ConfigDict

from hatang.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

WHERE: Final = "parameters"
MOST_VALUES: Final = 200
LONGEST: Final = 1000
Value = str | int | bool | list[str] | list[int]
_TRUE: Final = frozenset({"true", "yes", "on", "1"})
_FALSE: Final = frozenset({"false", "no", "off", "0"})
# useradd(8) of Debian takes no more; RFC 1123 for names of hosts.
_LOGIN: Final = re.compile(r"[a-z_][a-z0-9_-]{0,31}")
_LABEL: Final = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
# What sshd of Debian 12 accepts and nobody has deprecated; ssh-rsa keys sign with SHA-2 today.
_KEY: Final = re.compile(
    r"(ssh-ed25519|ecdsa-sha2-nistp(256|384|521)|ssh-rsa|sk-ssh-ed25519@openssh\.com) "
    r"[A-Za-z0-9+/]{60,}={0,3}"
)
_PATH: Final = re.compile(r"(/[A-Za-z0-9._-]+)+")
_CLOCK: Final = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")


class ParameterType(StrEnum):
    """What a value of a parameter is."""

    TEXT = "text"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    PORT = "port"
    HOST = "host"
    ADDRESS = "address"
    NETWORK = "network"
    LOGIN = "login"
    ADMINISTRATOR = "administrator"
    CLOCK = "clock"
    PATH = "path"
    CREDENTIAL = "credential"


FIXES: Final[Mapping[ParameterType, str]] = {
    ParameterType.TEXT: "Give one line of text.",
    ParameterType.INTEGER: "Give a whole number.",
    ParameterType.BOOLEAN: "Give true or false.",
    ParameterType.PORT: "Give a number from 1 to 65535.",
    ParameterType.HOST: "Give an IP address or a host name.",
    ParameterType.ADDRESS: "Give an IP address, such as 10.1.0.5.",
    ParameterType.NETWORK: "Give a network as address/length, such as 10.1.0.0/24.",
    ParameterType.LOGIN: "Give a login: small letters, digits, - and _.",
    ParameterType.ADMINISTRATOR: "Give a login and its public key: lan=ssh-ed25519 AAAA….",
    ParameterType.CLOCK: "Give a time of day, such as 02:30.",
    ParameterType.PATH: "Give an absolute path of letters, digits, . _ and -.",
    ParameterType.CREDENTIAL: "Give the name of a credential.",
}


class Text(BaseModel):
    """A text in both languages."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    en: str
    vi: str


class Parameter(BaseModel):
    """One parameter; `many` takes a list, `kind` is that of a credential.

    Without `required` the role's own default holds, which `default` repeats for the reader.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    type: ParameterType
    description: Text
    many: bool = False
    required: bool = False
    default: Value | None = None
    choices: tuple[str, ...] = ()
    minimum: int | None = None
    maximum: int | None = None
    kind: str = ""


def check(
    known: Mapping[str, Parameter], given: Mapping[str, Any]
) -> tuple[dict[str, Value], list[Problem]]:
    """Return the values that were `given`, each of its type, and all that is wrong with them."""
    values: dict[str, Value] = {}
    problems = []
    for name in sorted(set(given) - set(known)):
        fix = f"Use: {', '.join(sorted(known))}." if known else "This playbook takes none."
        problems.append(Problem(WHERE, name[:100], "", "there is no such parameter", fix))
    for name, parameter in known.items():
        if name not in given:
            if parameter.required:
                fix = FIXES[parameter.type]
                problems.append(Problem(WHERE, name, "", "is missing", fix))
            continue
        try:
            values[name] = _value(parameter, given[name])
        except _WrongError as wrong:
            shown = str(given[name])[:100]
            problems.append(Problem(WHERE, name, shown, wrong.message, wrong.fix))
    return values, problems


class _WrongError(ValueError):
    def __init__(self, message: str, fix: str) -> None:
        super().__init__(message)
        self.message = message
        self.fix = fix


def _value(parameter: Parameter, raw: object) -> Value:
    if not parameter.many:
        return _one(parameter, raw)
    parts = [each.strip() for each in raw.split(",")] if isinstance(raw, str) else raw
    if not isinstance(parts, list) or not parts or len(parts) > MOST_VALUES:
        raise _WrongError(f"is not a list of 1 to {MOST_VALUES}", FIXES[parameter.type])
    found: list[Any] = [_one(parameter, each) for each in parts]
    if len(set(found)) != len(found):
        raise _WrongError("holds a value twice", "Name each once.")
    return found


def _one(parameter: Parameter, raw: object) -> str | int | bool:
    fix = FIXES[parameter.type]
    if parameter.type is ParameterType.BOOLEAN:
        return _boolean(raw, fix)
    if parameter.type in {ParameterType.INTEGER, ParameterType.PORT}:
        return _integer(parameter, raw, fix)
    if not isinstance(raw, str) or not raw or len(raw) > LONGEST or not raw.isprintable():
        raise _WrongError(f"is not one line of 1 to {LONGEST} characters", fix)
    if parameter.choices and raw not in parameter.choices:
        raise _WrongError("is none of the choices", f"Use one of: {', '.join(parameter.choices)}.")
    is_right = _CHECKS.get(parameter.type)
    if is_right is not None and not is_right(raw):
        raise _WrongError(f"is no {parameter.type}", fix)
    return raw


def _boolean(raw: object, fix: str) -> bool:
    if isinstance(raw, bool):
        return raw
    word = raw.lower() if isinstance(raw, str) else ""
    if word not in _TRUE | _FALSE:
        raise _WrongError("is neither true nor false", fix)
    return word in _TRUE


def _integer(parameter: Parameter, raw: object, fix: str) -> int:
    is_port = parameter.type is ParameterType.PORT
    least = 1 if is_port else parameter.minimum
    most = 65535 if is_port else parameter.maximum
    if isinstance(raw, str) and raw.isascii() and raw.isdigit() and len(raw) < 10:
        raw = int(raw)
    if isinstance(raw, bool) or not isinstance(raw, int):
        raise _WrongError("is not a whole number", fix)
    if (least is not None and raw < least) or (most is not None and raw > most):
        raise _WrongError("is out of range", f"Give a number from {least} to {most}.")
    return raw


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return "%" not in text


def _is_network(text: str) -> bool:
    try:
        ipaddress.ip_network(text)
    except ValueError:
        return False
    return "/" in text


def _is_host(text: str) -> bool:
    labels = text.split(".")
    is_name = len(text) <= 253 and all(_LABEL.fullmatch(each) for each in labels)
    return _is_address(text) or (is_name and not labels[-1].isdigit())


def _is_administrator(text: str) -> bool:
    login, _, key = text.partition("=")
    return bool(_LOGIN.fullmatch(login) and _KEY.fullmatch(key)) and login != "root"


_CHECKS: Final[Mapping[ParameterType, Callable[[str], object]]] = {
    ParameterType.HOST: _is_host,
    ParameterType.ADDRESS: _is_address,
    ParameterType.NETWORK: _is_network,
    ParameterType.LOGIN: _LOGIN.fullmatch,
    ParameterType.ADMINISTRATOR: _is_administrator,
    ParameterType.CLOCK: _CLOCK.fullmatch,
    ParameterType.PATH: _PATH.fullmatch,
}
