"""What the VRP and Comware personas share: views, `undo`, `display`, questions.

Both begin with a user view `<name>`; `system-view` leads to `[name]`, and sections to views below
it. The tree keeps negations as `no …`; these devices write `undo …`.
"""

import re
from collections.abc import Callable

from lab.simulators.device import Device
from lab.simulators.editor import Editor  # noqa: TC001 - a type of an attribute
from lab.simulators.grammar import Fault, compile_grammar
from lab.simulators.ios_session import Question
from lab.simulators.tree import Tree, render

CONFIG = """
=sysname NAME
~stelnet server enable
interface NAME -> interface
vlan <1-4094> -> vlan
vlan batch LINE
ospf <1-65535> -> ospf
acl number <2000-5999> -> acl
aaa -> aaa
ip route-static IP MASK LINE
=ntp-service unicast-server IP! [LINE]
=info-center loghost IP! [LINE]
=snmp-agent sys-info location LINE
=snmp-agent sys-info contact LINE
snmp-agent community read|write LINE
=header login LINE
~lldp enable
~http server enable
~telnet server enable
=ssh server timeout <1-120>
user-interface vty <0-15> [LINE] -> line
line vty <0-15> [LINE] -> line
"""
INTERFACE = """
=description LINE
~shutdown
=ip address IP MASK
=mtu <64-9216>
=port link-type access|trunk|hybrid
=port default vlan <1-4094>
=port access vlan <1-4094>
=port trunk allow-pass vlan LINE
=port trunk permit vlan LINE
=ospf cost <1-65535>
~lldp enable
"""
GRAMMAR = compile_grammar(
    {
        "config": ("", CONFIG),
        "interface": ("", INTERFACE),
        "vlan": ("", "=description LINE\n=name LINE"),
        "ospf": ("", "=router-id IP\narea NAME -> area\n=bandwidth-reference <1-2147483648>"),
        "area": ("", "network IP MASK"),
        "acl": ("", "rule LINE\n=description LINE"),
        "aaa": ("", "local-user NAME LINE"),
        "line": ("", "=authentication-mode NAME\n=idle-timeout LINE\n=protocol inbound NAME"),
    }
)
_FILTER = re.compile(r"\s*include\s+(\S.*)")


def configuration(tree: Tree) -> str:
    """The text of a configuration as `display` shows it."""
    lines = [re.sub(r"^( *)no ", r"\1undo ", line) for line in render(tree)]
    return "\n".join(["#" if line == "!" else line for line in lines] + ["return"])


class ViewSession:
    """State of one login: `refusal` words a fault, `shows` are its display commands."""

    mark = ""

    def __init__(self, device: Device, user: str) -> None:
        self.device = device
        self.user = user
        self.question: Question | None = None
        self.editor: Editor | None = None
        self.closed = False
        self.shows: dict[str, Callable[[], str]] = {
            "current-configuration": lambda: configuration(device.running),
            "saved-configuration": lambda: configuration(device.startup),
        }

    @property
    def prompt(self) -> str:
        """What stands before the cursor."""
        if self.question:
            return self.question.text
        name = self.device.hostname
        if self.editor is None:
            return f"<{name}>"
        views = "".join(f"-{key.split(maxsplit=1)[-1]}" for _, key in self.editor.path)
        return f"[{self.mark}{name}{views}]"

    @property
    def is_configuring(self) -> bool:
        """Whether it is in a system view."""
        return self.editor is not None

    def feed(self, line: str) -> str:
        """Take one line; what the device prints before the next prompt."""
        if self.question:
            question, self.question = self.question, None
            return question.answer(line)
        command = line.strip()
        if command in {"", "#"}:
            return ""
        if command.startswith("display "):
            return self._display(command.removeprefix("display "))
        return self._configure(command) if self.editor is not None else self._user(command)

    def leave_configuration(self) -> None:
        """Back to the user view, also when the line drops."""
        if self.editor is not None:
            self.device.flush(self.editor)
            self.editor = None

    def refusal(self, fault: Fault) -> str:
        """A refused line as the device words it."""
        raise NotImplementedError

    def take(self, line: str) -> Fault | None:
        """Take one configuration line into effect."""
        raise NotImplementedError

    def _display(self, rest: str) -> str:
        what, _, pipe = rest.partition("|")
        show = self.shows.get(what.strip())
        if show is None:
            return self.refusal(Fault("invalid", 1, 0, rest))
        wanted = _FILTER.fullmatch(pipe)
        if wanted is None:
            return show()
        return "\n".join(line for line in show().splitlines() if re.search(wanted[1], line))

    def _configure(self, command: str) -> str:
        editor = self.editor
        if editor is None or command == "return" or (command == "quit" and not editor.path):
            self.leave_configuration()
            return ""
        if command == "quit":
            editor.leave()
            return ""
        fault = self.take(re.sub(r"^undo ", "no ", command))
        return "" if fault is None else self.refusal(fault)

    def _user(self, command: str) -> str:
        if command == "quit":
            self.closed = True
            return ""
        return self.refusal(Fault("invalid", 0, 0, command))


def ask(session: ViewSession, text: str, then: Callable[[], str]) -> str:
    """Ask `text`; `then` answers a yes."""

    def answered(answer: str) -> str:
        return then() if answer.strip().lower().startswith("y") else ""

    session.question = Question(text, answered)
    return ""


def takes_logins(device: Device) -> Callable[[], bool]:
    """Whether the SSH service is on."""
    return lambda: "no stelnet server enable" not in device.running
