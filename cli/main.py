"""The `hatang` command: nouns and verbs, one table of exit statuses, never a traceback."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Final

import typer

from cli import exits
from hatang import log

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_USAGE_ERROR: Final = typer.BadParameter.__mro__[1]

HELP: Final = (
    "Runs a province's e-government network and data centre.\n\n"
    "Every command takes --config FILE, --as USER and --format table|json.\n\n"
    f"Exit statuses:\n\n{exits.table()}"
)
# Where each first word is at home, and what `hatang --help` says of it: only the module of the
# word given is loaded, since most of a short command's time goes into drivers it never uses.
WORDS: Final = {
    "up": ("processes", "Start everything on this machine and keep it running until Ctrl-C."),
    "init": (
        "processes",
        "Create the data directory, its keys and tables, or bring them to this version.",
    ),
    "status": ("processes", "Show the processes of `hatang up`."),
    "doctor": ("processes", "Examine this installation and say what to do about each fault."),
    "api": ("processes", "Run the HTTP door alone."),
    "worker": ("processes", "Run jobs, correlation and notification alone."),
    "receiver": ("processes", "Take traps and log lines alone."),
    "notifier": ("notifications", "Hand pages to SMS and other gateways alone."),
    "hint": ("hints", "What devices said unasked: traps and log lines."),
    "monitor": ("monitors", "Run the measurements alone."),
    "check": ("processes", "Check before starting."),
    "user": ("people", "People who use hatang."),
    "token": ("entries", "Tokens for programs."),
    "session": ("entries", "Browsers that are signed in."),
    "credential": ("credentials", "Logins for devices and servers."),
    "master-key": ("keys", "The key that seals everything secret."),
    "host-key": ("hostkeys", "Keys by which devices are known."),
    "inventory": ("inventory", "Everything that exists, as a file."),
    "device": ("equipment", "Routers, switches, servers, power supplies."),
    "site": ("equipment", "Places with equipment."),
    "topology": ("topology", "What hangs on what: ways, upstream, who is affected."),
    "unit": ("units", "Organisations, and how they are reorganised."),
    "inbox": ("inbox", "Where reality differs from the inventory."),
    "probe": ("probes", "How services are measured."),
    "discovery": ("discovery", "Devices and cables, found by asking."),
    "history": ("history", "What was measured over days, months and years."),
    "find": ("finding", "Show at which port an address was seen, the newest sight first."),
    "network": ("network", "How the province stands, now or at a moment that is over."),
    "report": ("reports", "How long people took, and what carriers owe."),
    "incident": ("incidents", "What is wrong, and why."),
    "rule": ("rules", "What alerts are raised by, and a check of your own rules."),
    "maintenance": ("maintenances", "Announced work: what begins in it pages nobody."),
    "notification": ("notifications", "Whom pages go to, and whether they get through."),
    "change": ("changes", "Changes to devices."),
    "playbook": ("playbooks", "Reviewed playbooks, run through Ansible."),
    "command": ("commands", "Read-only commands on many devices."),
    "drift": ("drift", "Devices that are not as intended, since when."),
    "vault": ("vault", "Configurations, encrypted, with their history."),
    "backup": ("vault", "Configurations kept: collect, look back, compare, restore."),
    "baseline": ("attestations", "Configurations judged by rules, with evidence."),
    "audit-log": ("audits", "The record of who did what."),
    "bridge": ("conferences", "Conference bridges."),
    "endpoint": ("conferences", "Codecs and terminals in rooms."),
    "meeting": ("conferences", "Meetings and their points."),
    "retention": ("retention", "How long history is kept."),
    "job": ("jobs", "Work that goes on in the worker."),
}

# A second word that is at home elsewhere than the first, since what it does takes long to load.
_ELSEWHERE: Final[Mapping[tuple[str, ...], str]] = {
    ("device", "run"): "commands",
    ("device", "--help"): "commands",
}


def build(word: str = "", then: str = "") -> typer.Typer:
    """Return the command with the part that `word` `then` is at home in, or with all of it."""
    app = _root()
    homes = [WORDS[word][0]] if word in WORDS else dict.fromkeys(home for home, _ in WORDS.values())
    if (word, then) in _ELSEWHERE:
        import_module(f"cli.commands.{_ELSEWHERE[word, then]}")
    for home in homes:
        import_module(f"cli.commands.{home}").register(app)
    return app


def load(arguments: Sequence[str]) -> None:
    """Import the part that the first word of `arguments` is at home in, ahead of `build`."""
    if arguments and arguments[0] in WORDS:
        import_module(f"cli.commands.{WORDS[arguments[0]][0]}")
    elsewhere = _ELSEWHERE.get(tuple(arguments[:2]))
    if elsewhere:
        import_module(f"cli.commands.{elsewhere}")


def outline() -> typer.Typer:
    """Return the command with every word's name and help, and nothing loaded behind them."""
    app = _root()
    for word, (_, text) in WORDS.items():
        app.command(word, help=text)(_nothing)
    return app


def _nothing() -> None:
    """Stand behind the command itself, and behind a word that is listed and not called."""


def _root() -> typer.Typer:
    app = typer.Typer(
        name="hatang",
        help=HELP,
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    app.callback()(_nothing)  # else the only word of a part would be taken for an argument
    return app


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit status."""
    os.umask(0o077)  # the data directory is ours alone, and so are files in it
    log.configure(os.environ.get("HATANG_LOG__LEVEL", "error"))
    try:
        known = bool(arguments) and arguments[0] in WORDS
        app = build(*arguments[:2]) if known else outline()
        answer = app(args=list(arguments), prog_name="hatang", standalone_mode=False)
    except typer.Abort:
        return exits.INTERRUPTED
    except KeyboardInterrupt:
        return exits.INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return exits.OK
    except Exception as error:  # noqa: BLE001 - nobody is shown a traceback
        return _tell(error)
    return answer if isinstance(answer, int) else exits.OK


def _tell(error: Exception) -> int:
    if isinstance(error, _USAGE_ERROR):
        error.show()  # type: ignore[attr-defined]  # Typer does not name its base of usage errors
        return exits.USAGE
    log.get_logger(__name__).debug("failed", exc_info=error)
    print(f"hatang: {log.redact(exits.explain(error))}", file=sys.stderr)
    return exits.status_of(error)


def main() -> None:
    """Run the command line of this process."""
    sys.exit(run(sys.argv[1:]))
