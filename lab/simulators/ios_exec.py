"""Exec commands of the IOS persona."""

import hashlib
import hmac
from collections.abc import Callable

from lab.simulators import ios_archive, ios_show
from lab.simulators.grammar import Fault, Match, Mode, Rule, match
from lab.simulators.ios_session import Question, Session, explain
from lab.simulators.tree import render

Handler = Callable[[Session, list[str]], str]

_DATE = "Jan 01 2024 00:00:00 +00:00"


def _quiet(_session: Session, _args: list[str]) -> str:
    return ""


def _enable(session: Session, _args: list[str]) -> str:
    secret = session.device.settings.enable
    if session.privileged or secret is None:
        session.privileged = True
        return ""
    session.question = Question("Password: ", _check_secret(session, secret, 1), secret=True)
    return ""


def _check_secret(session: Session, secret: str, attempt: int) -> Callable[[str], str]:
    def check(answer: str) -> str:
        if hmac.compare_digest(answer.encode(), secret.encode()):
            session.privileged = True
            session.device.note("enable", session.user)
            return ""
        session.device.note("enable_failed", session.user)
        if attempt == 3:
            return "% Bad secrets\n"
        again = _check_secret(session, secret, attempt + 1)
        session.question = Question("Password: ", again, secret=True)
        return ""

    return check


def _disable(session: Session, _args: list[str]) -> str:
    session.privileged = session.device.settings.enable is None
    return ""


def _exit(session: Session, _args: list[str]) -> str:
    session.closed = True
    return ""


def _configure(session: Session, _args: list[str]) -> str:
    locked = session.device.locked_by
    if locked is not None:
        return "Configuration mode is locked by another session. The lock will be cleared soon."
    session.configure()
    return "Enter configuration commands, one per line.  End with CNTL/Z."


def _configure_locked(session: Session, args: list[str]) -> str:
    output = _configure(session, args)
    if session.editor is not None:
        session.device.locked_by = session.editor
    return output


def _write(session: Session, _args: list[str]) -> str:
    session.device.save(session.user)
    return "Building configuration...\n[OK]"


def _copy(session: Session, args: list[str]) -> str:
    source, target = args
    if "file prompt quiet" in session.device.running or target == "running-config":
        return _do_copy(session, source, target)
    name = target.rpartition("/")[2].rpartition(":")[2]
    session.question = Question(
        f"Destination filename [{name}]? ", lambda _answer: _do_copy(session, source, target)
    )
    return ""


def _do_copy(session: Session, source: str, target: str) -> str:
    device = session.device
    text = ios_archive.contents(device, source)
    if text is None:
        return f"%Error opening {source} (No such file or directory)"
    faults: list[Fault] = []
    if target.endswith("running-config"):
        faults = device.merge(text, session.user, f"copy {source} running-config")
    elif target.endswith("startup-config"):
        if not source.endswith("running-config"):
            return "%Error: only running-config can be copied to startup-config"
        return _write(session, [])
    elif not device.flash.write(target, text.encode() + b"\n"):
        return f"%Error opening {target} (Invalid argument)"
    refused = "".join(f"{fault.text}\n{explain(fault, 0)}\n" for fault in faults)
    return f"{refused}{len(text)} bytes copied in 0.1 secs ({len(text) * 10} bytes/sec)"


def _dir(session: Session, args: list[str]) -> str:
    flash = session.device.flash
    url = args[0] if args else "flash:/"
    bare = url.rstrip("/").endswith(":")
    files = flash.listing()
    if not bare:
        path = flash.path(url)
        if path is None or path.name not in files:
            return f"%Error opening {url} (No such file or directory)"
        files = {path.name: files[path.name]}
    rows = [f"{index:>5}  -rw-  {size:>10}  {_DATE}  {name}" for index, (name, size) in
            enumerate(files.items(), 11)]  # fmt: skip
    free = flash.free()
    total = f"{free + sum(files.values())} bytes total ({free} bytes free)"
    heading = "flash:/" if bare else url
    return "\n".join(
        [f"Directory of {heading}", "", *(rows or ["No files in directory"]), "", total]
    )


def _verify(session: Session, args: list[str]) -> str:
    option, url = args
    data = session.device.flash.read(url)
    if option != "/md5":
        return "% Invalid input detected at '^' marker.\n"
    if data is None:
        return f"%Error opening {url} (No such file or directory)"
    # MD5 is what IOS offers here; the client compares a transfer, nobody is protected by it.
    checksum = hashlib.md5(data, usedforsecurity=False).hexdigest()
    return f".MD5 of {url} Done!\nverify /md5 ({url}) = {checksum}"


def _more(session: Session, args: list[str]) -> str:
    text = ios_archive.contents(session.device, args[0])
    return f"%Error opening {args[0]} (No such file or directory)" if text is None else text


def _delete(session: Session, args: list[str]) -> str:
    path = session.device.flash.path(args[-1].split()[-1])
    if path is None or not path.is_file():
        return f"%Error deleting {args[-1]} (No such file or directory)"
    path.unlink()
    return ""


def _tclsh(session: Session, _args: list[str]) -> str:
    session.tcl = ""
    return ""


def _one_interface(session: Session, args: list[str]) -> str:
    return ios_show.interface_details(session.device, args[0]) or explain(
        Fault("invalid", 2, len("show interfaces "), ""), len(session.prompt)
    )


def _running_interface(session: Session, args: list[str]) -> str:
    section = f"interface {args[0]}"
    if section not in session.device.running:
        return "% Invalid input detected at '^' marker.\n"
    body = "\n".join([section, *render(session.device.running[section], 1, 1), "end"])
    return f"Building configuration...\n\nCurrent configuration : {len(body)} bytes\n!\n{body}\n"


def _privilege(session: Session, _args: list[str]) -> str:
    return f"Current privilege level is {15 if session.privileged else 1}"


def _simple(show: Callable[..., str]) -> Handler:
    return lambda session, _args: show(session.device)


# In user mode only these may be typed; everything else needs `enable`.
_USER: dict[str, Handler] = {
    **{
        words: _simple(show)
        for words, show in ios_show.SIMPLE.items()
        if not words.startswith(("show running", "show startup"))
    },
    "show interfaces IFNAME": _one_interface,
    "show privilege": _privilege,
    "terminal width <0-512>": _quiet,
    "terminal length <0-512>": _quiet,
    "terminal no monitor": _quiet,
    "enable": _enable,
    "disable": _disable,
    "exit": _exit,
    "logout": _exit,
    "quit": _exit,
}

_PRIVILEGED: dict[str, Handler] = {
    **{words: _simple(show) for words, show in ios_show.SIMPLE.items()},
    **_USER,
    "show running-config interface IFNAME": _running_interface,
    "show archive": ios_archive.show,
    "show archive config rollback timer": ios_archive.show_timer,
    "show archive config differences [LINE]": lambda session, args: ios_archive.differences(
        session, args[0].split()[:2] if args else []
    ),
    "show archive config incremental-diffs NAME [LINE]": ios_archive.incremental,
    "configure terminal": _configure,
    "configure terminal lock": _configure_locked,
    "configure terminal revert timer <1-120>": ios_archive.timed_configure,
    "configure replace NAME [LINE]": ios_archive.replace,
    "configure confirm": ios_archive.confirm_change,
    "configure revert now": ios_archive.revert_now,
    "copy NAME NAME": _copy,
    "dir": _dir,
    "dir NAME": _dir,
    "verify NAME NAME": _verify,
    "more NAME": _more,
    "delete LINE": _delete,
    "write": _write,
    "write memory": _write,
    "tclsh": _tclsh,
}


def _mode(handlers: dict[str, Handler]) -> tuple[Mode, dict[Rule, Handler]]:
    rules = {
        Rule(tuple(words.split()), single=False, sticky=False, opens=""): handler
        for words, handler in handlers.items()
    }
    return Mode("exec", tuple(rules)), rules


_MODES = {True: _mode(_PRIVILEGED), False: _mode(_USER)}


def run(session: Session, command: str) -> str:
    """Run one exec command, already without its output filter."""
    if command.startswith("!"):
        return ""
    refused = session.device.settings.refusal(command)
    if refused is not None:
        return refused
    mode, handlers = _MODES[session.privileged]
    found = match(mode, command)
    if not isinstance(found, Match):
        return explain(found, len(session.prompt))
    tokens = found.rule.tokens
    args = [
        word for word, token in zip(found.words, tokens, strict=False) if not token[0].islower()
    ]
    return handlers[found.rule](session, args)
