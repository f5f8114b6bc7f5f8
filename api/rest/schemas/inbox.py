"""Differences between reality and the inventory, and the runs that find them."""

from datetime import date, datetime
from typing import Annotated

from pydantic import Field

from api.rest.paging import Schema
from inventory.discovery.order import Limits

Number = Annotated[int, Field(ge=1, le=2**31 - 1)]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]
Digests = Annotated[dict[Number, Digest], Field(min_length=1, max_length=10_000)]


class InboxItem(Schema):
    """A difference; `state` is today's: what was ignored until yesterday is open again.

    `digest` stands for what differs and for both values; deciding gives it back.
    """

    id: int
    kind: str
    element_kind: str
    element_id: int | None
    element: str
    field: str
    intended: object
    observed: object
    source: str
    certainty: str
    first_seen_at: datetime
    last_seen_at: datetime
    state: str
    until: date | None
    reason: str
    decided_by: str
    decided_at: datetime | None
    change: str
    digest: str


class Accept(Schema):
    """The differences to write into the inventory; the rest fills in what nobody could see.

    `digests` has the digest that each was listed with, by its number: what changed since is
    refused. A host key is accepted alone.
    """

    digests: Digests
    name: str = ""
    site: str = ""
    role: str = ""
    platform: str = ""


class Ignore(Schema):
    """Which differences to leave, each with its digest, until which day, and why."""

    digests: Digests
    until: date
    reason: str = Field(max_length=1000)


class Fix(Schema):
    """Why the device is to be made as intended, and the digest the difference was listed with."""

    digest: Digest
    reason: str = Field(min_length=1, max_length=1000)


class Decided(Schema):
    """How many differences were decided."""

    count: int


class Opened(Schema):
    """The change that was opened, such as `change/17`."""

    change: str


class DiscoveryOrder(Schema):
    """Where a run begins and what it keeps to; `within` bounds it, else its prefixes."""

    seeds: list[str] = Field(default_factory=list, max_length=1000)
    prefixes: list[str] = Field(default_factory=list, max_length=100)
    within: list[str] = Field(default_factory=list, max_length=100)
    credentials: list[str] = Field(default_factory=list, max_length=20)
    addresses: int = Field(default=Limits().addresses, ge=1, le=65_536)
    depth: int = Field(default=Limits().depth, ge=0, le=64)
    per_second: float = Field(default=Limits().per_second, ge=1, le=1000)


class DiscoveryFailure(Schema):
    """An address that gave nothing, why, and what to do about it."""

    address: str
    reason: str
    message: str
    next_step: str


class DiscoveryRun(Schema):
    """A run: who asked for it, how far it came, what it could not read."""

    id: int
    requester: str
    state: str
    started_at: datetime
    ended_at: datetime | None
    asked: int
    answered: int
    devices: int
    failed: int
    proposed: int
    is_cut: bool
    error: str
    failures: list[DiscoveryFailure]
