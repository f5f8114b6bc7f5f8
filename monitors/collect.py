"""Reading what a plan asks for from one agent, in as few messages as there can be.

Scalars and the columns that are due are one query, the first of a poll and nearly always the only
one. What follows from its answer makes another: the rest of a table whose rows changed, or whose
agent restarted, and columns that stand in where others lack rows. What one poll has no need to
read is carried from an earlier one.

An agent that has one odd column keeps the others: what failed is a gap with its reason.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from hatang.drivers.snmp import Gap, Query, Reading
from hatang.drivers.snmp.codec import Column
from hatang.drivers.snmp.gaps import SILENT
from hatang.drivers.snmp.parts import SYS_UP_TIME, poll_in_parts
from hatang.errors import DriverError, Reason
from monitors.choosing import Choice, choose, is_restart
from monitors.known import Known, is_due
from monitors.quiet import (
    ABSENT_EVERY,
    NotSteady,
    quiet_until,
    same_places,
    same_query,
    table_until,
)
from monitors.steady import Steady, numbers
from monitors.walking import Account, TablePoll

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hatang.drivers.protocols import SnmpReader, SnmpValue
    from monitors.modules.plan import ColumnPlan, Plan
    from monitors.samples import Renewed, TableSample

# What is due; keys after a restart; rows that changed; columns that stand in.
_MOST_ROUNDS: Final = 5


@dataclass(slots=True)
class Memory:
    """What is known of an agent between polls; `doubt` makes the next poll start small.

    `salt` spreads the slow columns of many devices over different polls.
    """

    polls: int = 0
    doubt: bool = False
    salt: int = 0
    choice: Choice = field(default_factory=Choice)
    scalars: dict[str, SnmpValue] = field(default_factory=dict)
    scalars_read: dict[str, int] = field(default_factory=dict)
    tables: dict[str, Known] = field(default_factory=dict)
    steady: Steady | None = None


@dataclass(slots=True)
class Collected:
    """The values of one poll, and the plan by which they were asked for.

    Where only values differ from the poll with the number `after`, `renewed` are those, as in a
    sample.
    """

    plan: Plan
    scalars: dict[str, SnmpValue] = field(default_factory=dict)
    tables: dict[str, TableSample] = field(default_factory=dict)
    gaps: dict[str, Reason] = field(default_factory=dict)
    values: int = 0
    number: int = field(default_factory=numbers.__next__)
    after: int = 0
    renewed: Mapping[str, Renewed] | None = None


async def collect(reader: SnmpReader, platform: str, role: str, memory: Memory) -> Collected:
    """Return what the agent has of what devices of `platform` in `role` are asked for.

    An agent that failed last time is first asked for one value, so that one that still fails
    costs one datagram and not a walk.

    Raises:
        DriverError: the agent did not answer, refused the user, or gave nothing but faults.
    """
    if memory.doubt:
        await reader.get([SYS_UP_TIME])
    memory.doubt = True
    plan = await choose(reader, memory.choice, platform, role)
    found = await _collected(reader, plan, memory)
    memory.polls += 1
    memory.doubt = False
    return found


async def _collected(reader: SnmpReader, plan: Plan, memory: Memory) -> Collected:
    steady = memory.steady
    if steady is None:
        return await _Poll(reader, plan, memory).run()
    first: Reading | DriverError | None = None
    if steady.plan is plan and memory.polls < steady.until:
        try:
            first = await reader.poll(steady.query)
        except DriverError as error:
            first = error
        else:
            found = _followed(steady, first, memory)
            if found is not None:
                return found
    memory.steady = None
    steady.leave(memory.polls - 1, memory.tables)
    return await _Poll(reader, plan, memory).run(first)


def _followed(steady: Steady, reading: Reading, memory: Memory) -> Collected | None:
    """Return what a poll brought that is as the one before but for values."""
    renewed = steady.follow(reading, memory.choice, memory.tables)
    if renewed is None:
        return None
    renewed |= dict.fromkeys(steady.tell(reading.scalars, memory.scalars))
    after, values = steady.number, steady.values + len(reading.scalars)
    found = Collected(
        steady.plan, dict(memory.scalars), steady.tables, {}, values, after=after, renewed=renewed
    )
    steady.number = found.number
    return found


@dataclass(slots=True)
class _Poll:
    reader: SnmpReader
    plan: Plan
    memory: Memory
    _account: Account = field(init=False)
    _tables: list[TablePoll] = field(init=False)

    def __post_init__(self) -> None:
        memory = self.memory
        self._account = Account(memory.polls, memory.salt)
        known = memory.tables
        for planned in self.plan.tables:
            if planned.table.name not in known:
                known[planned.table.name] = Known()
        self._tables = [
            TablePoll(planned, known[planned.table.name], self._account)
            for planned in self.plan.tables
        ]

    async def run(self, first: Reading | DriverError | None = None) -> Collected:
        """Return what was read; `first` is the answer to the first question, where it was asked."""
        for table in self._tables:
            table.begin()
        asked = [c for c in self.plan.scalar_columns if self._is_worth_asking(c)]
        query = self._query((SYS_UP_TIME, *(c.oid for c in asked)), is_first=True)
        first = reading = await self._ask(query, first)
        is_restarted = is_restart(self.memory.choice, reading.scalars.get(SYS_UP_TIME))
        if is_restarted:
            self.memory.choice.doubt()
        self._keep(asked, reading)
        for _ in range(_MOST_ROUNDS):
            for table in self._tables:
                table.take(reading, restarted=is_restarted)
            if not any(table.walked for table in self._tables):
                break
            reading = await self._ask(self._query((), is_first=False))
        found = self._found()
        if reading is first and reading.renewed is not None and not found.gaps:
            self.memory.steady = self._steady(query, reading, found)
        return found

    def _steady(self, query: Query, reading: Reading, found: Collected) -> Steady | None:
        """Return what holds for the next polls too, None where something may be other then."""
        memory, places = self.memory, dict[str, tuple[str, str]]()
        now, salt, read = memory.polls, memory.salt, memory.scalars_read
        columns = self.plan.scalar_columns
        try:
            until = [table_until(table, reading, places) for table in self._tables]
            slow = (c for c in columns if c.every > 1 and c.name in read)
            until.append(quiet_until((read, now, salt), slow))
        except NotSteady:
            return None
        if any(c.name not in read for c in columns):
            until.append(now + ABSENT_EVERY - (now + salt) % ABSENT_EVERY)
        asked = [c for c in columns if c.every == 1 and c.name in read]
        names = (SYS_UP_TIME, *(c.oid for c in asked))
        if query.scalars != names or {n for t in query.tables for n in t} != places.keys():
            return None
        values = found.values - len(reading.scalars)
        return Steady(
            self.plan, same_query(query), min(until), same_places(tuple(places.items())), asked,
            found.tables, values, found.number, reading.number,
        )  # fmt: skip

    def _found(self) -> Collected:
        account = self._account
        found = Collected(self.plan, dict(self.memory.scalars), gaps=account.gaps)
        found.values = account.values
        for table in self._tables:
            sample = table.sample()
            if sample is not None:
                found.tables[table.planned.table.name] = sample
        return found

    def _is_worth_asking(self, scalar: ColumnPlan) -> bool:
        """Return whether a scalar is due; one the agent never gave is asked for seldom."""
        memory = self.memory
        if scalar.name in memory.scalars_read:
            return is_due(scalar, memory.scalars_read, memory.polls, memory.salt)
        # By device, so that those of many do not fall together: a new question makes new answers.
        return memory.polls == 0 or (memory.polls + memory.salt) % ABSENT_EVERY == 0

    def _keep(self, asked: list[ColumnPlan], reading: Reading) -> None:
        memory, given = self.memory, reading.scalars
        for column in asked:
            memory.scalars.pop(column.name, None)
            if column.oid in given:
                memory.scalars[column.name] = given[column.oid]
                memory.scalars_read[column.name] = memory.polls
            elif column.oid in reading.gaps:
                self._account.gaps[column.name] = reading.gaps[column.oid].reason
        self._account.values += len(given)

    def _query(self, scalars: tuple[str, ...], *, is_first: bool) -> Query:
        """Return the question for `scalars` and for what the tables want."""
        named = [name for table in self._tables for name in table.named]
        tables = tuple(tuple(table.walked) for table in self._tables if table.walked)
        return Query((*scalars, *named), tables, repeats=is_first)

    async def _ask(self, query: Query, early: Reading | DriverError | None = None) -> Reading:
        """Return the answer to `query`; `early` is what became of it, where it was asked."""
        is_first = query.repeats
        try:
            if isinstance(early, DriverError):
                raise early
            reading = await self.reader.poll(query) if early is None else early
        except DriverError as error:
            if error.reason in SILENT:
                # Is it the first thing that was asked for, or the whole agent?
                await self.reader.get([SYS_UP_TIME])
                if is_first:
                    return await poll_in_parts(self.reader, query)
            elif is_first:
                raise
            return _nothing(query, Gap.of(error))
        gaps = [column.gap for column in reading.columns.values() if column.gap is not None]
        if any(gap.reason in SILENT for gap in (*gaps, *reading.gaps.values())):
            await self.reader.get([SYS_UP_TIME])
        return reading


def _nothing(query: Query, gap: Gap) -> Reading:
    reading = Reading()
    for name in (name for table in query.tables for name in table):
        reading.columns[name] = Column(name, b"", 0)
        reading.columns[name].gap = gap
    return reading
