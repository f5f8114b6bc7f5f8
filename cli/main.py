"""The `hatang` command: nouns and verbs, one table of exit statuses, never a traceback."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Final

import typer

from cli import exits
from cli.commands import (
    audits,
    changes,
    commands,
    conferences,
    credentials,
    incidents,
    inventory,
    jobs,
    people,
    playbooks,
    processes,
    vault,
)
from hatang import log

if TYPE_CHECKING:
    from collections.abc import Sequence

_USAGE_ERROR: Final = typer.BadParameter.__mro__[1]

app: Final = typer.Typer(
    name="hatang",
    help=(
        "Runs a province's e-government network and data centre.\n\n"
        "Every command takes --config FILE, --as USER and --format table|json.\n\n"
        f"Exit statuses:\n\n{exits.table()}"
    ),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for module in (
    processes,
    people,
    credentials,
    inventory,
    incidents,
    changes,
    playbooks,
    commands,
    vault,
    audits,
    conferences,
    jobs,
):
    module.register(app)


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit status."""
    os.umask(0o077)  # the data directory is ours alone, and so are files in it
    log.configure(os.environ.get("HATANG_LOG__LEVEL", "error"))
    try:
        answer = app(args=list(arguments), standalone_mode=False)
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
