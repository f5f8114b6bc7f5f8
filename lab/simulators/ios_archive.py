"""IOS configuration archive: differences, replace, and the rollback-confirmed-change timer."""

import re
from time import gmtime, strftime

from lab.simulators import ios_show
from lab.simulators.device import Device, arm, confirm, revert
from lab.simulators.editor import Editor
from lab.simulators.grammar import Fault
from lab.simulators.ios_session import Question, Session, explain
from lab.simulators.tree import Tree, clone, contextual_diff, follow, logical_lines, node, render

_REPLACE = re.compile(
    r"(?:list\s*)?(?P<force>force)?\s*(?P<trigger>revert(?: trigger error)?)?"
    r"\s*(?:(?:timer|time)\s+(?P<timer>\d+))?"
)
_NO_ARCHIVE = "%Please turn config archive on before using this command"


def has_archive(device: Device) -> bool:
    """Whether the archive is configured: the timers and `configure replace` need it."""
    return any(line.startswith("path ") for line in device.running.get("archive", {}))


def contents(device: Device, url: str) -> str | None:
    """The text behind a file URL; None when there is none."""
    if url.endswith("running-config"):
        return ios_show.configuration(device, device.running)
    if url.endswith("startup-config"):
        return ios_show.configuration(device, device.startup)
    if url.startswith("null:"):
        return ""
    data = device.flash.read(url)
    return data.decode(errors="replace") if data is not None else None


def show(session: Session, _args: list[str]) -> str:
    """`show archive`."""
    if not has_archive(session.device):
        return "Archive feature not enabled"
    path = next(line for line in session.device.running["archive"] if line.startswith("path "))
    return (
        "The maximum archive configurations allowed is 10.\n"
        "There are currently 0 archive configurations saved.\n"
        f"The next archive file will be named {path.split()[1]}-0\n"
    )


def show_timer(session: Session, _args: list[str]) -> str:
    """`show archive config rollback timer`."""
    pending = session.device.pending
    if not pending:
        return "No Rollback Confirmed Change pending"
    when = strftime("%H:%M:%S UTC %a %b %d %Y", gmtime(pending.armed_at))
    return (
        f"Time configured(UTC): {when}\nTimer type: absolute timer\n"
        f"Timer value: {pending.seconds // 60} min\nUser: {pending.user}\n"
    )


def _target(device: Device, text: str) -> tuple[Tree, list[Fault]]:
    """The tree of a file, refused lines kept visible at its end."""
    tree, faults = device.read(text)
    shown = clone(tree)
    for fault in faults:
        node(shown, (fault.text.strip(),))
    return shown, faults


def differences(session: Session, args: list[str]) -> str:
    """`show archive config differences [A [B]]`."""
    device = session.device
    urls = [*args, *["system:running-config"] * (2 - len(args))]
    texts = [contents(device, url) for url in urls]
    for url, text in zip(urls, texts, strict=True):
        if text is None:
            return f"%Error opening {url} (No such file or directory)"
    before, after = (_target(device, text or "")[0] for text in texts)
    lines = contextual_diff(before, follow(after, before)) or ["!No changes were found"]
    return "\n".join(["!Contextual Config Diffs:", *lines])


def incremental(session: Session, args: list[str]) -> str:
    """`show archive config incremental-diffs FILE`: what merging the file would change."""
    device = session.device
    text = contents(device, args[0])
    if text is None:
        return f"%Error opening {args[0]} (No such file or directory)"
    merged = clone(device.running)
    faults = Editor(device.grammar, merged, device.fixed).load(text)
    lines = _commands(device.running, merged, set(_plain(text)))
    lines += [fault.text.strip() for fault in faults]
    none = [] if lines else ["!No changes were found"]
    return "\n".join(["!List of Commands:", *lines, "end", *none])


def _plain(text: str) -> list[str]:
    return [line.strip() for line in logical_lines(text)]


def _commands(before: Tree, after: Tree, asked: set[str], depth: int = 0) -> list[str]:
    """Commands from one tree to the other; a replaced value is not also removed."""
    pad, lines = " " * depth, []
    for key in before:
        gone = key not in after
        if gone and (f"no {key}" in asked or any(_undoes(line, key) for line in asked)):
            lines.append(f"{pad}no {key}")
    for key, children in after.items():
        if key not in before:
            lines += [pad + key, *render(children, 1, depth + 1)]
        elif inner := _commands(before[key], children, asked, depth + 1):
            lines += [pad + key, *inner]
    return lines


def _undoes(line: str, key: str) -> bool:
    return line.startswith("no ") and key.startswith(line[3:] + " ")


def replace(session: Session, args: list[str]) -> str:
    """`configure replace FILE [force] [revert trigger error] [timer N]`."""
    found = _REPLACE.fullmatch(" ".join(args[1:]))
    if not found:
        return "% Invalid input detected at '^' marker.\n"
    if not has_archive(session.device):
        return _NO_ARCHIVE
    text = contents(session.device, args[0])
    if text is None:
        return f"%Error opening {args[0]} (No such file or directory)"
    minutes = int(found["timer"] or 0)
    trigger = bool(found["trigger"])

    def proceed(answer: str) -> str:
        agreed = answer.strip().lower().startswith("y")
        return _replace(session, text, minutes, trigger=trigger) if agreed else ""

    if found["force"]:
        return proceed("y")
    session.question = Question("Enter Y if you are sure you want to proceed. ? [no]: ", proceed)
    return "This will apply all necessary additions and deletions"


def _replace(session: Session, text: str, minutes: int, *, trigger: bool) -> str:
    device = session.device
    if minutes and device.pending:
        return "%Rollback Confirmed Change is already active; it must be confirmed first"
    tree, faults = device.read(text)
    if faults:
        refused = "\n".join(f"{fault.text}\n{explain(fault, 0)}" for fault in faults)
        report = f"The following commands are failed to apply to the IOS image.\n{refused}"
        if trigger:
            return f"{report}\nThe original configuration has been successfully restored."
    if minutes:
        arm(device, minutes * 60, session.user, "configure replace", device.running)
    device.replace(tree, session.user, "configure replace")
    done = "Total number of passes: 1\nRollback Done\n"
    return f"{report}\n{done}" if faults else done


def timed_configure(session: Session, args: list[str]) -> str:
    """`configure terminal revert timer N`."""
    device = session.device
    if not has_archive(device):
        return _NO_ARCHIVE
    if device.pending:
        return "%Rollback Confirmed Change is already active; it must be confirmed first"
    device.flush()
    arm(device, int(args[0]) * 60, session.user, "configure terminal", device.running)
    session.configure()
    return (
        f"Rollback Confirmed Change: Backing up current running config to flash:archive-0\n\n"
        f"Enter configuration commands, one per line.  End with CNTL/Z.\n"
        f"Rollback Confirmed Change: Rollback will begin in {args[0]} minute.\n"
        'Enter "configure confirm" if you wish to keep what you\'ve configured\n'
    )


def confirm_change(session: Session, _args: list[str]) -> str:
    """`configure confirm`."""
    done = confirm(session.device, session.user)
    return "" if done else "%No Rollback Confirmed Change pending"


def revert_now(session: Session, _args: list[str]) -> str:
    """`configure revert now`."""
    done = revert(session.device, session.user, "configure revert now")
    if not done:
        return "%No Rollback Confirmed Change pending"
    return "Rollback Confirmed Change: rolling back.\nTotal number of passes: 1\nRollback Done\n"
