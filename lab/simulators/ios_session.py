"""One login on the IOS persona: modes, prompts, questions."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from lab.simulators.device import Device
from lab.simulators.editor import Editor
from lab.simulators.grammar import Fault
from lab.simulators.tree import banner_is_open

_PIPE = re.compile(r"(include|exclude|begin|section)\s+(\S.*)")
_TCL_FILE = re.compile(r'puts \[open "([^"]+)" w\+\] \{(.*)\}\s*$', re.DOTALL)


@dataclass
class Question:
    """A prompt that the next line answers."""

    text: str
    answer: Callable[[str], str]
    secret: bool = False


@dataclass
class Session:
    """State of one terminal line."""

    device: Device
    user: str
    privileged: bool
    run: Callable[["Session", str], str]
    editor: Editor | None = None
    question: Question | None = None
    tcl: str | None = None
    closed: bool = False
    _banner: str = field(default="", repr=False)

    @property
    def prompt(self) -> str:
        """What stands before the cursor."""
        name = self.device.hostname
        if self.question:
            return self.question.text
        if self._banner:
            return ""
        if self.tcl is not None:
            return "" if self.tcl else f"{name}(tcl)#"
        if self.editor is not None:
            return f"{name[:20]}({self.editor.prompt})#"
        return name + ("#" if self.privileged else ">")

    @property
    def is_configuring(self) -> bool:
        """Whether it is in configuration mode."""
        return self.editor is not None

    def feed(self, line: str) -> str:
        """Take one line; what the device prints before the next prompt."""
        if self.question:
            question, self.question = self.question, None
            return question.answer(line)
        if self.tcl is not None:
            return self._tcl(line)
        if self.editor is not None:
            return self._configure(self.editor, line)
        return self.execute(line)

    def execute(self, line: str) -> str:
        """Run an exec command, with its output filter."""
        command, _, filters = line.partition(" | ")
        output = self.run(self, command.strip()) if command.strip() else ""
        for text in filters.split(" | ") if filters else ():
            output = _filtered(output, text.strip())
        return output

    def configure(self) -> None:
        """Enter configuration mode."""
        self.editor = self.device.editor()

    def leave_configuration(self) -> None:
        """Leave it, also when the line drops: the changes made so far stand."""
        if self.editor is not None:
            self.device.flush(self.editor)
            if self.device.locked_by is self.editor:
                self.device.locked_by = None
            self.editor = None

    def _configure(self, editor: Editor, line: str) -> str:
        if self._banner:
            line = f"{self._banner}\n{line}"
            self._banner = ""
        elif line.strip() == "end" or (line.strip() == "exit" and not editor.path):
            self.leave_configuration()
            return ""
        elif line.strip().startswith("do "):
            return self.execute(line.strip()[3:])
        if banner_is_open(line.strip()):
            self._banner = line.strip()
            return "" if "\n" in line else "Enter TEXT message.  End with the character '^'."
        fault = self.device.enter(editor, line, self.user)
        return explain(fault, len(self.prompt)) if fault else ""

    def _tcl(self, line: str) -> str:
        """The few things of the Tcl shell that file transfer by terminal needs."""
        text = f"{self.tcl}\n{line}" if self.tcl else line
        if text.strip() in ("tclquit", "exit"):
            self.tcl = None
            return ""
        if text.lstrip().startswith("puts "):
            found = _TCL_FILE.match(text.strip())
            if not found:
                self.tcl = text
                return ""
            self.tcl = ""
            stored = self.device.flash.write(found[1], found[2].encode() + b"\n")
            return "" if stored else f'couldn\'t open "{found[1]}"'
        self.tcl = None
        output = self.execute(text)
        self.tcl = ""
        return output


def explain(fault: Fault, indent: int) -> str:
    """A refusal as IOS words it, the caret under the word at fault."""
    if fault.kind == "incomplete":
        return "% Incomplete command.\n"
    if fault.kind == "ambiguous":
        return f'% Ambiguous command:  "{fault.text}"'
    if fault.kind == "physical":
        return "% Removal of physical interfaces is not permitted"
    return f"{' ' * (indent + fault.column)}^\n% Invalid input detected at '^' marker.\n"


def _filtered(output: str, text: str) -> str:
    words = text.split(None, 1)
    full = [name for name in ("include", "exclude", "begin", "section") if words and
            name.startswith(words[0])]  # fmt: skip
    found = _PIPE.fullmatch(f"{full[0]} {words[1]}") if full and len(words) == 2 else None
    if not found:
        return "% Invalid input detected at '^' marker.\n"
    wanted = _pattern(found[2])
    lines = output.splitlines()
    if found[1] == "begin":
        first = next((i for i, line in enumerate(lines) if wanted.search(line)), len(lines))
        return "\n".join(lines[first:])
    if found[1] == "section":
        return "\n".join(_sections(lines, wanted))
    keep = found[1] == "include"
    return "\n".join(line for line in lines if bool(wanted.search(line)) == keep)


def _pattern(text: str) -> re.Pattern[str]:
    try:
        return re.compile(text)
    except re.error:
        return re.compile(re.escape(text))


def _sections(lines: list[str], wanted: re.Pattern[str]) -> list[str]:
    chosen, inside = [], False
    for line in lines:
        inside = bool(wanted.search(line)) or (inside and line.startswith(" "))
        if inside:
            chosen.append(line)
    return chosen
