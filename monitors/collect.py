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
from monitors.walking import Account, TablePoll

if TYPE_CHECKING:
    from hatang.drivers.protocols import SnmpReader, SnmpValue
    from monitors.modules.plan import ColumnPlan, Plan
    from monitors.samples import TableSample

# How often a scalar is asked for that the agent never gave.
ABSENT_EVERY: Final = 10
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


@dataclass(slots=True)
class Collected:
    """The values of one poll, and the plan by which they were asked for."""

    plan: Plan
    scalars: dict[str, SnmpValue] = field(default_factory=dict)
    tables: dict[str, TableSample] = field(default_factory=dict)
    gaps: dict[str, Reason] = field(default_factory=dict)
    values: int = 0


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
    found = await _Poll(reader, plan, memory).run()
    memory.polls += 1
    memory.doubt = False
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

    async def run(self) -> Collected:
        for table in self._tables:
            table.begin()
        asked = [c for c in self.plan.scalar_columns if self._is_worth_asking(c)]
        reading = await self._ask((SYS_UP_TIME, *(c.oid for c in asked)), is_first=True)
        is_restarted = is_restart(self.memory.choice, reading.scalars.get(SYS_UP_TIME))
        if is_restarted:
            self.memory.choice.doubt()
        self._keep(asked, reading)
        for _ in range(_MOST_ROUNDS):
            for table in self._tables:
                table.take(reading, restarted=is_restarted)
            if not any(table.walked for table in self._tables):
                break
            reading = await self._ask((), is_first=False)
        return self._found()

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

    async def _ask(self, scalars: tuple[str, ...], *, is_first: bool) -> Reading:
        """Ask for `scalars` and for what the tables want."""
        named = [name for table in self._tables for name in table.named]
        tables = tuple(tuple(table.walked) for table in self._tables if table.walked)
        query = Query((*scalars, *named), tables, repeats=is_first)
        try:
            reading = await self.reader.poll(query)
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
