"""The keys by which devices are known: what is enrolled, and what to do when a device changed."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from cli.command import noun, verb
from cli.door import door
from cli.output import say, show_rows
from hatang.drivers.hostkeys import fingerprint as print_of
from hatang.drivers.hostkeys import lookup, parse_key
from hatang.drivers.ssh import scan
from hatang.errors import ConflictError, InvalidInputError, Problem, SettingsError
from inventory.service import enrolling

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hatang.drivers.protocols import PublicKey

host_key: typer.Typer = noun("host-key", "Keys by which devices are known.")

Yes = Annotated[bool, typer.Option("--yes", help="Do not ask; needed where nobody can answer.")]


def register(app: typer.Typer) -> None:
    """Add these commands to `app`."""
    app.add_typer(host_key)


@verb(host_key, "list")
def list_(device: str) -> None:
    """List the keys of a device: those that count, then those that did.

    Example: hatang host-key list core-1 --as lan
    """
    with door().read() as (session, actor):
        rows = enrolling.list_host_keys(session, actor, device)
    show_rows(rows, "kind", "fingerprint", "port", "enrolled_by", "enrolled_at", "replaced_at")


@verb(host_key, "scan")
def scan_(device: str) -> None:
    """Show the keys a device presents now; nothing is enrolled and nobody logs in.

    Example: hatang host-key scan core-1 --as lan
    """
    enrolled, presented = _seen(device)
    rows = [
        {"kind": key.kind, "fingerprint": print_of(key), "is_enrolled": key in enrolled}
        for key in presented
    ]
    show_rows(rows, "kind", "fingerprint", "is_enrolled")


@verb(host_key, "replace")
def replace(
    device: str,
    *,
    fingerprint: Annotated[
        str, typer.Option(help="Of the new key, as read on the device's console.")
    ] = "",
    key: Annotated[
        str, typer.Option(help="The new public key's line; else the device is asked.")
    ] = "",
    yes: Yes = False,
) -> None:
    """Let a device's new key count instead of the one enrolled, once its fingerprint is compared.

    Both fingerprints are shown before it is asked. Without --key the device is asked for its keys;
    with --fingerprint only the key that has it is taken, which --yes needs.

    Example: hatang host-key replace core-1 --fingerprint SHA256:Zx… --yes --as lan
    """
    if yes and not (fingerprint or key):
        raise SettingsError(
            "--yes says nothing about which key is right",
            fix="Give --fingerprint as read on the device's console, or --key.",
        )
    enrolled, presented = _seen(device, key)
    for fresh in _wanted(enrolled, presented, fingerprint):
        before = [print_of(old) for old in enrolled if old.kind == fresh.kind]
        say(f"{device}: {fresh.kind}")
        say(f"  old: {', '.join(before) or 'none'}")
        say(f"  new: {print_of(fresh)}")
        if _agreed("Is the new one the fingerprint on the device's console?", yes=yes):
            with door().write() as (session, actor):
                enrolling.replace_host_key(session, actor, device, f"{fresh.kind} {fresh.data}")
            say(f"{print_of(fresh)} counts now")


@verb(host_key, "withdraw")
def withdraw(device: str, fingerprint: str, *, yes: Yes = False) -> None:
    """Let an enrolled key count no more; until another is enrolled nothing logs in by it.

    Example: hatang host-key withdraw core-1 SHA256:Zx… --as lan
    """
    if _agreed(f"Withdraw {fingerprint} of {device}?", yes=yes):
        with door().write() as (session, actor):
            enrolling.withdraw_host_key(session, actor, device, fingerprint)
        say(f"{fingerprint} counts no more")


def _seen(device: str, line: str = "") -> tuple[list[PublicKey], list[PublicKey]]:
    """Return what is enrolled, and what the given line holds or the device presents."""
    with door().read() as (session, actor):
        target = enrolling.ssh_target(session, actor, device)
        enrolled = lookup(session, target.host, target.port)
    return enrolled, [parse_key(line, where="--key")] if line else scan(target)


def _wanted(
    enrolled: Sequence[PublicKey], presented: Sequence[PublicKey], fingerprint: str
) -> list[PublicKey]:
    """Return the keys to take: of the fingerprint given, else of the kinds that are enrolled."""
    if fingerprint:
        named = [key for key in presented if print_of(key) == fingerprint]
        if not named:
            seen = ", ".join(map(print_of, presented)) or "no key"
            fix = f"What is there is {seen}; read it on the device's console again."
            problem = Problem("--fingerprint", "fingerprint", fingerprint, "matches no key", fix)
            raise InvalidInputError([problem])
        return named
    fresh = [key for key in presented if key not in enrolled]
    kinds = {key.kind for key in enrolled}
    wanted = [key for key in fresh if key.kind in kinds] or fresh
    if not wanted:
        raise ConflictError("every key that is presented is enrolled already")
    return wanted


def _agreed(question: str, *, yes: bool) -> bool:
    if yes:
        return True
    if not sys.stdin.isatty():
        raise SettingsError("there is no terminal to ask on", fix="Say --yes.")
    return typer.confirm(question, err=True)
