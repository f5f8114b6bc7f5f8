"""Commands of the EOS persona, as one eAPI request runs them: in order, until one fails."""

import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from lab.simulators import eos_show
from lab.simulators.device import Device
from lab.simulators.editor import Editor
from lab.simulators.eos_sessions import SessionError, Sessions
from lab.simulators.eos_show import Answer
from lab.simulators.grammar import Fault, Match, Mode, Rule, canonical_interface, match
from lab.simulators.tree import render

_EMPTY = Answer({}, "")


class CommandError(Exception):
    """The switch refuses a command. `code` is eAPI's, the text what EOS prints."""

    def __init__(self, text: str, code: int = 1002) -> None:
        super().__init__(text)
        self.code = code


@dataclass
class Cli:
    """One request's command line: privilege, and the configuration mode it is in."""

    device: Device
    sessions: Sessions
    user: str
    privileged: bool
    editor: Editor | None = None
    session: str = ""
    given: str = field(default="", repr=False)

    def run(self, command: str, given: str = "") -> Answer:
        """Run one command; `given` is the text it asks for (a password, a banner)."""
        self.given = given
        line = command.strip()
        if not line or line.startswith("!"):
            return _EMPTY
        if (refused := self.device.settings.refusal(line)) is not None:
            return Answer({}, refused)
        try:
            if self.editor is not None and not line.startswith(("show ", "configure ", "copy ")):
                return self._configure(self.editor, line)
            return self._execute(line)
        except SessionError as error:
            raise CommandError(str(error)) from error

    def leave(self) -> None:
        """End configuration mode: what was typed into it is one change."""
        if self.editor is not None and not self.session:
            self.device.flush(self.editor)
        self.editor, self.session = None, ""

    def _configure(self, editor: Editor, line: str) -> Answer:
        if line == "end" or (line == "exit" and not editor.path):
            self.leave()
            return _EMPTY
        if self.session and line.split(maxsplit=1)[0] in ("commit", "abort", "rollback"):
            return self._in_session(editor, line)
        if line in ("banner login", "banner motd"):
            line = f"{line}\n{self.given.rstrip()}".removesuffix("\nEOF") + "\nEOF"
        enter = editor.enter if self.session else partial(self.device.enter, editor, user=self.user)
        if fault := enter(line):
            raise CommandError(explain(fault))
        return _EMPTY

    def _in_session(self, editor: Editor, line: str) -> Answer:
        if line == "rollback clean-config":
            self.sessions.clean(editor)
            return _EMPTY
        name = self.session
        self.leave()
        return self._execute(f"configure session {name} {line}")

    def _execute(self, line: str) -> Answer:
        found = match(_MODE, line)
        if not isinstance(found, Match):
            raise CommandError(explain(found))
        words = " ".join(found.rule.tokens)
        if not self.privileged and words not in _UNPRIVILEGED:
            raise CommandError("Invalid input (privileged mode required)")
        pairs = zip(found.words, found.rule.tokens, strict=False)
        return _HANDLERS[words](self, [word for word, token in pairs if not token[0].islower()])


def explain(fault: Fault) -> str:
    """A refusal as EOS words it."""
    if fault.kind == "physical":
        return "Removal of physical interfaces is not permitted"
    words = fault.text.split()
    word = repr(words[fault.word]) if fault.word < len(words) else "None"
    kinds = {"incomplete": "Incomplete command", "ambiguous": "Ambiguous command"}
    return f"{kinds.get(fault.kind, 'Invalid input')} (at token {fault.word}: {word})"


def _enable(cli: Cli, _args: list[str]) -> Answer:
    secret = cli.device.settings.enable
    if secret is not None and not cli.privileged:
        if not hmac.compare_digest(cli.given.strip().encode(), secret.encode()):
            cli.device.note("enable_failed", cli.user)
            raise CommandError("Bad secret")
        cli.device.note("enable", cli.user)
    cli.privileged = True
    return _EMPTY


def _terminal(cli: Cli, _args: list[str]) -> Answer:
    cli.leave()
    cli.editor = cli.device.editor()
    return _EMPTY


def _session(cli: Cli, args: list[str]) -> Answer:
    cli.leave()
    cli.editor, cli.session = cli.sessions.enter(args[0]), args[0]
    return _EMPTY


def _commit(cli: Cli, args: list[str]) -> Answer:
    cli.leave()
    cli.sessions.commit(args[0], cli.user, _seconds(args[1]) if len(args) > 1 else 0)
    return _EMPTY


def _seconds(text: str) -> int:
    parts = text.split(":")
    if len(parts) != 3 or not all(part.isdigit() for part in parts) or not int("".join(parts)):
        raise CommandError(f"Invalid input (at token 5: {text!r})")
    hours, minutes, seconds = (int(part) for part in parts)
    return hours * 3600 + minutes * 60 + seconds


def _abort(cli: Cli, args: list[str]) -> Answer:
    cli.leave()
    cli.sessions.abort(args[0], cli.user)
    return _EMPTY


def _replace(cli: Cli, args: list[str]) -> Answer:
    data = cli.device.flash.read(args[0])
    if data is None:
        raise CommandError(f"Error opening {args[0]} (No such file or directory)")
    tree, faults = cli.device.read(data.decode(errors="replace"))
    if faults:
        raise CommandError("; ".join(f"{fault.text.strip()}: {explain(fault)}" for fault in faults))
    cli.device.replace(tree, cli.user, f"configure replace {args[0]}")
    return _EMPTY


def _save(cli: Cli, _args: list[str]) -> Answer:
    cli.device.save(cli.user)
    return Answer({"messages": ["Copy completed successfully."]}, "Copy completed successfully.\n")


def _copy(cli: Cli, args: list[str]) -> Answer:
    device = cli.device
    source, target = args
    trees = {"running-config": device.running, "startup-config": device.startup}
    if source not in trees:
        raise CommandError(f"Error copying {source} (Invalid argument)")
    if target == "startup-config" and source == "running-config":
        return _save(cli, [])
    if not device.flash.write(target, ("\n".join(render(trees[source])) + "\n").encode()):
        raise CommandError(f"Error copying {source} to {target} (Invalid argument)")
    return Answer({"messages": ["Copy completed successfully."]}, "Copy completed successfully.\n")


def _dir(cli: Cli, _args: list[str]) -> Answer:
    rows = [f"       -rwx  {size:>10}  {name}" for name, size in cli.device.flash.listing().items()]
    free = cli.device.flash.free()
    return Answer(None, "\n".join(["Directory of flash:/", "", *rows, "", f"{free} bytes free"]))


def _show_sessions(cli: Cli, _args: list[str]) -> Answer:
    data = cli.sessions.show()
    rows = [f"{name:<32} {entry['state']}" for name, entry in data["sessions"].items()]
    return Answer(data, "\n".join(["Name                             State", *rows]))


def _show_diffs(cli: Cli, args: list[str]) -> Answer:
    return Answer(None, cli.sessions.diffs(args[0] if args else cli.session))


def _show_candidate(cli: Cli, args: list[str]) -> Answer:
    name = args[0] if args else cli.session
    command = f"show session-config named {name}"
    return eos_show.configuration(cli.device, cli.sessions.tree(name), command)


def _one_interface(cli: Cli, args: list[str]) -> Answer:
    name = canonical_interface(args[0]) or args[0]
    return eos_show.interface_details(cli.device, name)


def _quiet(_cli: Cli, _args: list[str]) -> Answer:
    return _EMPTY


def _simple(show: Callable[[Device], Answer]) -> Callable[[Cli, list[str]], Answer]:
    return lambda cli, _args: show(cli.device)


_HANDLERS: dict[str, Callable[[Cli, list[str]], Answer]] = {
    **{words: _simple(show) for words, show in eos_show.SIMPLE.items()},
    **{words: _simple(show) for words, show in eos_show.PRIVILEGED.items()},
    "show interfaces IFNAME": _one_interface,
    "show configuration sessions": _show_sessions,
    "show configuration sessions detail": _show_sessions,
    "show session-config": _show_candidate,
    "show session-config diffs": _show_diffs,
    "show session-config named NAME": _show_candidate,
    "show session-config named NAME sanitized": _show_candidate,
    "show session-config named NAME diffs": _show_diffs,
    "enable": _enable,
    "terminal length <0-32767>": _quiet,
    "terminal width <10-32767>": _quiet,
    "configure": _terminal,
    "configure terminal": _terminal,
    "configure session NAME": _session,
    "configure session NAME commit": _commit,
    "configure session NAME commit timer NAME": _commit,
    "configure session NAME abort": _abort,
    "configure replace NAME": _replace,
    "copy NAME NAME": _copy,
    "write": _save,
    "write memory": _save,
    "dir": _dir,
    "dir NAME": _dir,
}
_UNPRIVILEGED = {*eos_show.SIMPLE, "show interfaces IFNAME", "enable", "terminal length <0-32767>"}
_MODE = Mode(
    "exec",
    tuple(Rule(tuple(words.split()), single=False, sticky=False, opens="") for words in _HANDLERS),
)


def run_all(cli: Cli, commands: list[Any], *, text: bool) -> tuple[list[Any], CommandError | None]:
    """Outputs in order, and the refusal that ended the run, if any. Configuration mode is left."""
    results: list[Any] = []
    try:
        for command in commands:
            line, given = _words(command)
            results.append(_output(cli.run(line, given), text=text))
    except CommandError as error:
        return results, error
    finally:
        cli.leave()
    return results, None


def _output(answer: Answer, *, text: bool) -> dict[str, Any]:
    if text:
        return {"output": answer.text}
    if answer.data is None:
        raise CommandError("Command has no JSON form (unconverted command)", 1003)
    return answer.data


def _words(command: Any) -> tuple[str, str]:
    if isinstance(command, dict) and isinstance(command.get("cmd"), str):
        return command["cmd"], str(command.get("input", ""))
    if isinstance(command, str):
        return command, ""
    raise CommandError("Invalid input (a command is a string or an object with cmd)")
