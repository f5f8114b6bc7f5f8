"""Devices as other projects recorded them: what each command or call answers, from files."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import yaml
from jnpr.junos.rpcmeta import _RpcMetaExec
from lxml import etree
from napalm import get_network_driver

from hatang.errors import DriverError, Reason

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_MARKS = re.compile(r"[\[\]*^\s/:|\"]")


class Terminal:
    """A netmiko connection that answers from the files of a case, named like the commands."""

    def __init__(self, case: Path) -> None:
        self.case = case

    def send_command(self, command: str, **_: object) -> str:
        plain = command.removesuffix(" | json")
        for name in (f"{_MARKS.sub('_', command)}.txt", f"{_MARKS.sub('_', plain)}.json"):
            file = self.case / name
            if file.exists():
                return file.read_text("utf-8")
        return "% Invalid input detected"


class Netconf:
    """A PyEZ device that answers each call from the file with its name."""

    ON_JUNOS = True
    transform = None
    timeout = 1
    _use_filter = False

    def __init__(self, case: Path) -> None:
        self.case = case
        facts = case / "facts.yml"
        self.facts = yaml.safe_load(facts.read_text("utf-8")) if facts.exists() else {}
        self.rpc = _RpcMetaExec(self)

    def execute(self, call: Any, **_: object) -> Any:
        name = call if isinstance(call, str) else call.tag
        for own in (f"{name}__{_argument(call)}.xml", f"{name}.xml"):
            file = self.case / own
            if file.exists():
                return etree.fromstring(_bare(file.read_text("utf-8")).encode())
        raise NotImplementedError(name)


def _argument(call: Any) -> str:
    return "" if isinstance(call, str) or not len(call) else _MARKS.sub("_", call[0].text or "")


def _bare(text: str) -> str:
    return re.sub(r'\sxmlns(?::\w+)?="[^"]*"', "", re.sub(r"(<\/?)\w+:|\sjunos:", r"\1 ", text))


def caller(driver: str, case: Path) -> Callable[..., Any]:
    """Return how a NAPALM driver's getters are called on the device of a case."""
    own = {"eos_ssh": "eos", "junos_read": "junos"}
    made = get_network_driver(own.get(driver, driver))("10.0.0.1", "u", "p")
    if driver == "junos_read":
        made.device = Netconf(case)
    elif driver == "eos_ssh":
        made.transport, made._netmiko_device = "ssh", Terminal(case)
        made.device = made._netmiko_device
        made._eos_version = None
    else:
        made.device = Terminal(case)

    def call(name: str, *_: object) -> Any:
        if name == "cli" or not hasattr(made, name):
            raise DriverError(name, Reason.NOT_SUPPORTED)
        try:
            return getattr(made, name)()
        except (NotImplementedError, FileNotFoundError) as error:
            raise DriverError(name, Reason.NOT_SUPPORTED) from error

    return call
