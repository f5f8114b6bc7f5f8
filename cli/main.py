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
    from collections.abc import Sequence

_USAGE_ERROR: Final = typer.BadParameter.__mro__[1]

HELP: Final = (
    "Runs a province's e-government network and data centre.\n\n"
    "Every command takes --config FILE, --as USER and --format table|json.\n\n"
    f"Exit statuses:\n\n{exits.table()}"
)
# Where each first word is at home: only that module is loaded, since most of the time of a short
# command goes into loading drivers it never uses.
HOMES: Final = {
    **dict.fromkeys(("up", "init", "status", "api", "worker", "monitor", "check"), "processes"),
    **dict.fromkeys(("user", "token"), "people"),
    "credential": "credentials",
    **dict.fromkeys(("inventory", "device", "site"), "inventory"),
    "incident": "incidents",
    "change": "changes",
    "playbook": "playbooks",
    "command": "commands",
    "vault": "vault",
    **dict.fromkeys(("audit", "audit-log"), "audits"),
    **dict.fromkeys(("bridge", "meeting"), "conferences"),
    "job": "jobs",
}


def build(word: str = "") -> typer.Typer:
    """Return the command with the part that `word` is at home in, or with all of it."""
    app = typer.Typer(
        name="hatang",
        help=HELP,
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    homes = [HOMES[word]] if word in HOMES else dict.fromkeys(HOMES.values())
    for home in homes:
        import_module(f"cli.commands.{home}").register(app)
    return app


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit status."""
    os.umask(0o077)  # the data directory is ours alone, and so are files in it
    log.configure(os.environ.get("HATANG_LOG__LEVEL", "error"))
    try:
        answer = build(*arguments[:1])(args=list(arguments), standalone_mode=False)
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
