"""Ways through the network, what hides a device, and who hangs on an element, as they leave."""

from api.rest.paging import Schema
from inventory.choices import ElementKind
from monitors.choices import State


class Waypoint(Schema):
    """A device on a way; `name` is null, and its state unknown, outside the caller's scope."""

    name: str | None
    site: str
    site_name: str
    role: str
    state: State


class Leg(Schema):
    """The link to the next waypoint; rates in kbit/s, null when nobody wrote them down.

    `forth_kbps` is committed in the direction of the way, `back_kbps` against it. The state is the
    worst that was measured at its ends. Of a hidden one, outside the caller's scope, nothing else
    is told; an assumed one was drawn by nobody.
    """

    out_interface: str
    in_interface: str
    circuit: str | None
    provider: str | None
    hotline: str | None
    forth_kbps: int | None
    back_kbps: int | None
    state: State
    is_assumed: bool
    is_hidden: bool


class Way(Schema):
    """A way; `legs[i]` leads away from `waypoints[i]`, and `state` is the worst of them all."""

    state: State
    narrowest_forth_kbps: int | None
    narrowest_back_kbps: int | None
    waypoints: list[Waypoint]
    legs: list[Leg]


class Named(Schema):
    """An element by its natural key, and what people call it."""

    kind: ElementKind
    key: str
    name: str


class Route(Way):
    """A site's way to the data centre; `single_points` cut the site off when they fail alone."""

    site: str
    has_spare: bool
    single_points: list[Named]


class Upstream(Schema):
    """What hides a device when failing alone, from the data centre outwards.

    `hidden` counts what lies outside the caller's scope; of a device that no drawn way leads to
    (`is_placed` false) nothing is known.
    """

    device: str
    is_placed: bool
    elements: list[Named]
    hidden: int


class Group(Schema):
    """Elements of one kind: the first few, and how many there are in all."""

    total: int
    items: list[Named]


class Affected(Schema):
    """Who loses what when the element fails alone, of what the caller sees.

    `degraded` services lose a part of what they stand on; `people` is null when no cut-off site
    knows its number.
    """

    element: Named
    devices: Group
    sites: Group
    services: Group
    degraded: Group
    rooms: Group
    people: int | None
