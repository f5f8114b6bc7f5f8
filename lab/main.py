"""The command `hatang-lab`: the province in a box."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from lab import faults, impairing, loopback, meeting, moving, observe, seeding, state, tables
from lab import province as drawing
from lab.address import DEFAULT_PREFIX
from lab.demo import DemoOrder
from lab.demo import demo as play_demo
from lab.down import sweep
from lab.enter import become
from lab.errors import LabError
from lab.tree import cache_directory, ensure
from lab.up import Order
from lab.up import up as bring_up

EXIT_REFUSED = 2
DEFAULT_SEED = 20250701
PERCENT = 100.0

app = typer.Typer(
    help="A province in a box: real routers, services and rooms in namespaces of this machine.",
    no_args_is_help=True,
    add_completion=False,
)
StateOption = Annotated[Path | None, typer.Option("--state", help="Where the lab keeps its state.")]
FormatOption = Annotated[str, typer.Option("--format", help="`table` or `json`.")]
LoopbackOption = Annotated[
    bool, typer.Option("--loopback", help="Only switches, on 127.0.0.0/8; implied without root.")
]
SeedOption = Annotated[int, typer.Option("--seed", help="The same seed draws the same lab.")]


def say(line: str) -> None:
    """Print a progress line."""
    typer.echo(line)


def say_json(value: object) -> None:
    """Print a value for another program."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=1))


@app.command()
def tree(
    *, cache: Annotated[Path | None, typer.Option(help="Where the Debian tree is kept.")] = None
) -> None:
    """Build the Debian tree the nodes stand on, unless it is there, and say where it is.

    Example: hatang-lab tree
    """
    typer.echo(ensure(cache_directory(cache), say))


@app.command()
def up(
    *,
    prefix: Annotated[
        str | None,
        typer.Option(help=f"A free /16; else {DEFAULT_PREFIX}, with --loopback {loopback.PREFIX}."),
    ] = None,
    seed: SeedOption = DEFAULT_SEED,
    only: Annotated[
        str, typer.Option(help="`small` or `scrambled`: other names and ways.")
    ] = "full",
    directory: StateOption = None,
    cache: Annotated[Path | None, typer.Option(help="Where the Debian tree is kept.")] = None,
    on_loopback: LoopbackOption = False,
) -> None:
    """Start the province and wait until everything answers; without root, its switches only.

    Example: hatang-lab up --prefix 10.77.0.0/16 --only small
    """
    if only not in drawing.SIZES:
        raise LabError(f"--only takes one of {', '.join(drawing.SIZES)}, not `{only}`.")
    if on_loopback or os.geteuid() != 0:
        place = (directory or state.of_user()).resolve()
        loopback.up(loopback.Order(prefix, seed, only, place), say)
        return
    place = (directory or state.DEFAULT_STATE).resolve()
    if loopback.is_held(place):
        raise LabError(f"A lab on 127.0.0.0/8 is there; first: hatang-lab down --state {place}")
    prefix = prefix or DEFAULT_PREFIX
    say(f"seed {seed}, prefix {prefix}, state in {place}")
    with state.locked():
        bring_up(Order(prefix, seed, only, place, cache_directory(cache)), say)


@app.command()
def down(
    *,
    directory: StateOption = None,
    purge: Annotated[bool, typer.Option("--purge", help="Forget passwords and keys too.")] = False,
    on_loopback: LoopbackOption = False,
) -> None:
    """Take everything away; harmless when nothing runs.

    Example: hatang-lab down --purge
    """
    if on_loopback or os.geteuid() != 0:
        place = directory.resolve() if directory else state.of_user()
    else:
        place = state.locate(directory)
    if on_loopback or os.geteuid() != 0 or loopback.is_held(place):
        count = loopback.down(place, purge=purge)
        say(f"down: {count} switches ended" if count else "nothing was up")
        return
    with state.locked():
        count = sweep(place, purge=purge)
    say(f"down: {count} namespaces removed" if count else "nothing was up")


@app.command()
def status(*, directory: StateOption = None, form: FormatOption = "table") -> None:
    """Show who answers from this host, and what the circuits counted.

    Example: hatang-lab status --format json
    """
    seen = observe.status(state.load(state.locate(directory)))
    if form == "json":
        say_json(seen)
        return
    console = Console()
    console.print(tables.nodes(seen))
    if seen["links"]:
        console.print(tables.links(seen))


@app.command("break")
def break_(
    target: str,
    *,
    directory: StateOption = None,
    silent: Annotated[bool, typer.Option(help="Circuits keep their carrier.")] = False,
) -> None:
    """Cut a link, or all links of a node as if its power went.

    Example: hatang-lab break hub-2; hatang-lab break VNPT-002 --silent
    """
    place = state.locate(directory)
    loopback.refuse("break", place)
    with state.locked():
        held = state.load(place)
        cut = faults.break_target(held, target, silent=silent)
        state.save(held, place)
    say(f"cut: {', '.join(cut)}")


@app.command()
def heal(target: str, *, directory: StateOption = None) -> None:
    """Undo a break and every impairment of the links it touches.

    Example: hatang-lab heal hub-2
    """
    place = state.locate(directory)
    loopback.refuse("heal", place)
    with state.locked():
        held = state.load(place)
        healed = faults.heal_target(held, target)
        state.save(held, place)
    say(f"healed: {', '.join(healed)}")


@app.command()
def move(link: str, *, directory: StateOption = None) -> None:
    """Plug a server's or UPS's cable in at its switch's spare port (`up --only scrambled`).

    Example: hatang-lab move dc-sw-1--srv-dns
    """
    place = state.locate(directory)
    loopback.refuse("move", place)
    with state.locked():
        switch, old, new = moving.move(state.load(place).province(), link)
    say(f"{switch}: {old} -> {new}")


@app.command()
def impair(
    link: str,
    *,
    loss: Annotated[
        float | None, typer.Option(min=0, max=100, help="Percent of frames lost.")
    ] = None,
    delay: Annotated[str | None, typer.Option(help="One way, like 40ms.")] = None,
    jitter: Annotated[str | None, typer.Option(help="Spread of the delay, like 5ms.")] = None,
    rate: Annotated[str | None, typer.Option(help="Like 10mbit.")] = None,
    directory: StateOption = None,
) -> None:
    """Make a circuit or a cable bad in both directions, at once; `heal` makes it good again.

    Circuits pass a wire in user space. A cable is impaired by netem where the kernel has it, else
    it is led through such a wire too.

    Example: hatang-lab impair VNPT-002 --loss 5 --delay 40ms --jitter 5ms --rate 10mbit
    """
    place = state.locate(directory)
    loopback.refuse("impair", place)
    changes: dict[str, float] = {}
    if loss is not None:
        changes["loss_ratio"] = loss / PERCENT
    if delay is not None:
        changes["delay_seconds"] = faults.quantity(delay, faults.TIME_UNITS, "--delay")
    if jitter is not None:
        changes["jitter_seconds"] = faults.quantity(jitter, faults.TIME_UNITS, "--jitter")
    if rate is not None:
        changes["rate_bps"] = faults.quantity(rate, faults.RATE_UNITS, "--rate")
    if not changes:
        raise LabError("Say what is to be bad: --loss, --delay, --jitter or --rate.")
    with state.locked():
        held = state.load(place)
        means = impairing.impair(held, link, changes)
        state.save(held, place)
    told = ", ".join(f"{key} {value:g}" for key, value in changes.items())
    say(f"{link}: {told} (by {means})")


@app.command()
def flows(circuit: str, *, directory: StateOption = None) -> None:
    """Show what a circuit's wire passed on and dropped of each RTP stream, as JSON.

    It counts from when it is first asked.

    Example: hatang-lab flows VNPT-002
    """
    place = state.locate(directory)
    loopback.refuse("flows", place)
    say_json(meeting.flows(state.load(place), circuit))


@app.command()
def meet(
    rooms: list[str],
    *,
    seconds: Annotated[float, typer.Option(min=1, help="How long they stay.")] = 60.0,
    simulated: Annotated[
        Path | None, typer.Option(help="A file of names, a line each, who join without media.")
    ] = None,
    directory: StateOption = None,
) -> None:
    """Let real WebRTC participants meet on the bridge, sending sound and picture from their rooms.

    Example: hatang-lab meet room-xa-01 room-xa-05 --seconds 120
    """
    place = state.locate(directory)
    loopback.refuse("meet", place)
    names = simulated.read_text(encoding="utf-8").split("\n") if simulated else []
    meeting.become(state.load(place), place, rooms, [name for name in names if name], seconds)


@app.command()
def ups(hub: str, source: str, *, directory: StateOption = None) -> None:
    """Put a hub's UPS on battery, or back on mains.

    Example: hatang-lab ups hub-2 battery
    """
    place = state.locate(directory)
    loopback.refuse("ups", place)
    node = observe.set_ups(state.load(place), hub, source)
    say(f"{node}: on {source}")


@app.command()
def mailbox(*, directory: StateOption = None, form: FormatOption = "table") -> None:
    """Show the mail that reached noc@tinh.test.

    Example: hatang-lab mailbox --format json
    """
    loopback.refuse("mailbox", state.locate(directory))
    messages = observe.mailbox()
    if form == "json":
        say_json(messages)
        return
    for message in messages:
        say(f"{message['date']}  {message['from']}  {message['subject']}\n{message['body']}")


@app.command()
def journal(node: str, *, directory: StateOption = None) -> None:
    """Show which changes a device itself saw, one JSON line each.

    Example: hatang-lab journal core-1
    """
    place = state.locate(directory)
    for entry in observe.journal(state.load(place), place, node):
        say(json.dumps(entry, ensure_ascii=False))


@app.command(
    "exec", context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False}
)
def exec_(node: str, command: list[str], *, directory: StateOption = None) -> None:
    """Run a command inside a node, as root.

    Example: hatang-lab exec core-1 -- vtysh -c 'show ip route'
    """
    loopback.refuse("exec", state.locate(directory))
    become(node, command)


@app.command()
def seed(  # noqa: PLR0913 - what to write, and where each file goes
    *,
    profile: Annotated[
        str, typer.Option(help=f"`lab` (the running one), or {', '.join(seeding.PROFILES[1:])}.")
    ] = "lab",
    out: Annotated[Path, typer.Option(help="The inventory.")],
    form: Annotated[
        str, typer.Option("--format", help="`yaml`, or `xlsx` as offices do.")
    ] = "yaml",
    credentials: Annotated[Path | None, typer.Option(help="The secrets, TOML, mode 0600.")] = None,
    known_hosts: Annotated[Path | None, typer.Option(help="SSH host keys of every node.")] = None,
    number: SeedOption = DEFAULT_SEED,
    directory: StateOption = None,
) -> None:
    """Write the inventory that describes the lab, for `hatang inventory import`.

    Provinces other than the lab exist on paper: counts as their reports had them, names that are
    not public generated from the seed and marked so.

    Example: hatang-lab seed --out lab.yaml --credentials lab.toml --known-hosts lab.keys
    """
    order = seeding.SeedOrder(profile, out, credentials, known_hosts, number, form)
    for line in seeding.write(order, state.locate(directory)):
        say(line)


@app.command()
def reorganisation(
    *, out: Annotated[Path, typer.Option(help="The file, YAML.")], number: SeedOption = DEFAULT_SEED
) -> None:
    """Write the reorganisation of the profile `hue-2025`: 133 communes become 40 on 2025-07-01.

    The counts are public; which commune went where is generated from the seed, and says so.

    Example: hatang-lab reorganisation --out merge.yaml
    """
    for line in seeding.write_reorganisation(out, number):
        say(line)


@app.command()
def demo(
    *,
    once: Annotated[bool, typer.Option("--once", help="Play the story once and stop.")] = False,
    keep: Annotated[bool, typer.Option("--keep", help="Keep the data directory.")] = False,
    directory: StateOption = None,
    cache: Annotated[Path | None, typer.Option(help="Where the Debian tree is kept.")] = None,
) -> None:
    """Run hatang on the province: serve it on 127.0.0.1:8080, or play the whole story.

    Example: hatang-lab demo --once
    """
    loopback.refuse("demo", state.locate(directory))
    order = DemoOrder(once, keep, directory, cache_directory(cache))
    if play_demo(order, say):
        raise typer.Exit(1)


def main() -> None:
    """Run the command; a refusal is one sentence and exit status 2."""
    try:
        app()
    except LabError as error:
        typer.echo(f"hatang-lab: {error}", err=True)
        sys.exit(EXIT_REFUSED)
