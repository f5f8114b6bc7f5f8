"""A command with the options all commands share: --config, --as, --format."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from cli.door import Door, using

if TYPE_CHECKING:
    from collections.abc import Callable

FORMATS: Final = ("table", "json")
_SHARED: Final = ("config_path", "acting_user", "output_format")


class Command(TyperCommand):
    """Takes the shared options out before the function sees its own."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 RUF100 - Typer's signature
        super().__init__(*args, **kwargs)
        self.params.extend(_shared())

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401 RUF100 - as the function returns
        """Run the function with the door of this command open."""
        with using(_opened(ctx)):
            return super().invoke(ctx)


class Group(TyperGroup):
    """A noun that does something by itself too, with the shared options."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 RUF100 - Typer's signature
        super().__init__(*args, **kwargs)
        self.params.extend(_shared())

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401 RUF100 - as the function returns
        """Run the function, or the command that was named, with the door of this group open."""
        with using(_opened(ctx)):
            return super().invoke(ctx)


def _opened(ctx: Any) -> Door:  # noqa: ANN401 RUF100 - Typer's context
    given = {name: ctx.params.pop(name) for name in _SHARED}
    form = given["output_format"]
    if form is not None and form not in FORMATS:
        raise typer.BadParameter(f"--format takes {' or '.join(FORMATS)}, not {form}")
    path = given["config_path"]
    return Door(
        config=Path(path) if path else None,
        person=given["acting_user"],
        form=form,
        command=ctx.command_path.partition(" ")[2],
    )


def _options(
    config_path: Annotated[
        str | None,
        typer.Option(
            "--config",
            metavar="FILE",
            help="The settings file; else HATANG_CONFIG, hatang.toml, /etc/hatang/hatang.toml.",
        ),
    ] = None,
    acting_user: Annotated[
        str | None,
        typer.Option(
            "--as",
            metavar="USER",
            help="Act as this user of hatang; else as the one named like your account.",
        ),
    ] = None,
    output_format: Annotated[
        str | None,
        typer.Option(
            "--format",
            metavar="FORM",
            help="table or json; json when the output is no terminal.",
        ),
    ] = None,
) -> None:
    """Declare the shared options in Typer's own way; never called."""


@cache
def _shared() -> tuple[Any, ...]:
    sample = typer.Typer(add_completion=False)
    sample.command()(_options)
    return tuple(param for param in get_command(sample).params if param.name in _SHARED)


def noun(name: str, text: str) -> typer.Typer:
    """Return the group of commands about `name`."""
    return typer.Typer(name=name, help=text, no_args_is_help=True, rich_markup_mode=None)


def verb(app: typer.Typer, name: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Register the decorated function as `name` of `app`, with the shared options."""
    return app.command(name, cls=Command)
