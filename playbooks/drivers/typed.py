"""What our drivers over an interactive command line have in common: one login, typed lines."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar, Final

from napalm.base.exceptions import CommandErrorException, LockError

from hatang.drivers.cli import CliOptions, open_cli
from playbooks.drivers.session import OneSession

if TYPE_CHECKING:
    from hatang.drivers.cli import NetmikoSession

# A question ends the output too: `[Y/N]:`, `[y/N]:`, `(y/n)`.
_QUESTION: Final = r"(?:\[[Yy][^\]]*\]: ?|\([Yy]/[Nn]\) ?)$"


class TypedDriver(OneSession):
    """A login; expects `target`, `login` and `host_keys` in optional_args.

    `device_type` is netmiko's name; `prompt` a regular expression in which `{name}` stands for
    the device's name; `refusal` marks a line the device did not take; `question` ends the output
    of a line that the device asks back about.
    """

    device_type: ClassVar[str]
    prompt: ClassVar[str]
    refusal: ClassVar[re.Pattern[str]]
    question: ClassVar[str] = _QUESTION
    running: ClassVar[str]
    startup: ClassVar[str] = ""

    _session: NetmikoSession | None

    def open(self) -> None:
        """Log in; the host key is proven before a credential leaves."""
        given = self._arguments
        options = CliOptions(self.device_type, read_seconds=self.timeout)
        self._session = open_cli(given["target"], given["login"], given["host_keys"], options)

    def cli(self, commands: list[str], encoding: str = "text") -> dict[str, str]:
        """Return what each command prints."""
        if encoding != "text":
            raise NotImplementedError("only text")
        return {command: self._type(command) for command in commands}

    def get_config(
        self,
        retrieve: str = "all",
        full: bool = False,  # noqa: FBT001, FBT002 - NAPALM's signature
        sanitized: bool = False,  # noqa: FBT001, FBT002 - NAPALM's signature
        format: str = "text",
    ) -> dict[str, str]:
        """Return the configurations asked for; sanitising is the vault's, never the driver's."""
        if sanitized:
            raise NotImplementedError("the configuration vault redacts")
        wanted = ("running", "startup") if retrieve == "all" else (retrieve,)
        startup = self._type(self.startup) if self.startup and "startup" in wanted else ""
        return {
            "running": self._running() if "running" in wanted else "",
            "startup": startup,
            "candidate": "",
        }

    def _running(self) -> str:
        return self._type(self.running)

    def _type(self, line: str, *, answer: str = "") -> str:
        """Type `line` and return what it prints; `answer` is what to say when it asks back.

        Raises:
            CommandErrorException: the device refuses the line.
            LockError: the device asks back and nobody said what to answer; it was told no.
        """
        if self._session is None:
            raise CommandErrorException("the session is not open")
        until = rf"(?:{self.prompt.format(name=re.escape(self._session.name))}|{self.question})"
        output = self._session.ask(line, until)
        if re.search(self.question, output):
            told = self._session.ask(answer or "n", until)
            if not answer:
                raise LockError(f"{line}: {_last_line(output)}")
            output = f"{output}\n{told}"
        text = re.sub(rf"\s*{until}\s*\Z", "\n", output)
        if self.refusal.search(text):
            raise CommandErrorException(f"{line}: {' '.join(text.split())}")
        return text


def _last_line(text: str) -> str:
    return text.strip().splitlines()[-1]
