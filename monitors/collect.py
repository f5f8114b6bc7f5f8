"""Reading what a plan asks for from one agent: seldom by walking, mostly by naming known cells.

Walking a table costs about three times what asking for its known cells costs. So the rows of a
stable table are learnt by a walk and asked for by name afterwards; every `WALK_EVERY` polls its
key column is walked, and the whole table when its rows changed, when a known cell is missing or
when the agent restarted. What one poll has no need to read is carried from an earlier one.

An agent that has one odd table keeps the others: what failed is a gap with its reason.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from hatang.errors import DriverError, Reason
from monitors.choosing import Choice, choose, is_restart
from monitors.known import Known, is_due, lacking, pairs
from monitors.samples import Cells, TableSample
from monitors.walking import SILENT, SYS_UP_TIME, WALK_EVERY, Walker

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from hatang.drivers.protocols import SnmpReader, SnmpValue
    from monitors.modules.plan import ColumnPlan, Plan, TablePlan

# How often a scalar is asked for that the agent never gave.
ABSENT_EVERY: Final = 10
# How often a table without rows is looked at again.
EMPTY_EVERY: Final = 100


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
    poll = _Poll(reader, plan, memory, Collected(plan))
    await poll.run()
    memory.polls += 1
    memory.doubt = False
    return poll.found


@dataclass(slots=True)
class _Poll:
    reader: SnmpReader
    plan: Plan
    memory: Memory
    found: Collected
    _walker: Walker = field(init=False)

    def __post_init__(self) -> None:
        memory = self.memory
        self._walker = Walker(self.reader, memory.polls, memory.salt, self.found.gaps)

    async def run(self) -> None:
        memory = self.memory
        now = memory.polls
        for planned in self.plan.tables:
            memory.tables.setdefault(planned.table.name, Known())
        restarted = await self._known(now)
        if restarted:
            memory.choice.doubt()
        for planned in self.plan.tables:
            known = memory.tables[planned.table.name]
            if known.patience > now:
                self.found.gaps[planned.table.name] = known.reason
                continue
            await self._table(planned, known, restarted=restarted)
        for planned in self.plan.tables:
            self._show(planned, memory.tables[planned.table.name], now)
        self.found.values += self._walker.values

    # What is asked for by name

    async def _known(self, now: int) -> bool:
        """Ask for scalars and known cells in as few messages as there can be.

        Returns whether the agent restarted since the last poll.
        """
        memory = self.memory
        scalars = [c for c in self.plan.scalar_columns if self._is_worth_asking(c)]
        tables = [(p, self._named(p)) for p in self.plan.tables]
        oids = [SYS_UP_TIME, *(c.oid for c in scalars)]
        every = dict.fromkeys(oids)
        for planned, columns in tables:
            every |= dict.fromkeys(memory.tables[planned.table.name].oids(columns))
        reply = await self._get(list(every), oids, tables)
        for column in scalars:
            memory.scalars.pop(column.name, None)
            if column.oid in reply:
                memory.scalars[column.name] = reply[column.oid]
                memory.scalars_read[column.name] = now
        self.found.scalars = dict(memory.scalars)
        self.found.values += len(reply)
        for planned, columns in tables:
            if planned.table.name not in self.found.gaps:
                self._take(planned, columns, reply)
        return is_restart(memory.choice, reply.get(SYS_UP_TIME))

    async def _get(
        self,
        every: Sequence[str],
        scalars: Sequence[str],
        tables: Iterable[tuple[TablePlan, list[ColumnPlan]]],
    ) -> dict[str, SnmpValue]:
        try:
            return await self.reader.get(every)
        except DriverError as error:
            if error.reason in SILENT:
                raise
        # Something in it is odd: find out what by asking for each table by itself.
        reply = await self.reader.get(scalars)
        for planned, columns in tables:
            known = self.memory.tables[planned.table.name]
            try:
                reply |= await self.reader.get(known.oids(columns))
            except DriverError as error:
                if error.reason in SILENT:
                    raise
                self._walker.fail(planned, known, error)
        return reply

    def _named(self, planned: TablePlan) -> list[ColumnPlan]:
        known = self.memory.tables[planned.table.name]
        if not planned.is_stable or not known.rows or known.patience > self.memory.polls:
            return []
        return self._due(planned, known)

    def _is_worth_asking(self, scalar: ColumnPlan) -> bool:
        """Return whether a scalar is due; one the agent never gave is asked for seldom."""
        if scalar.name in self.memory.scalars_read:
            return is_due(scalar, self.memory.scalars_read, self.memory.polls, self.memory.salt)
        return self.memory.polls % ABSENT_EVERY == 0

    def _take(
        self, planned: TablePlan, columns: Iterable[ColumnPlan], reply: dict[str, SnmpValue]
    ) -> None:
        known = self.memory.tables[planned.table.name]
        for column in columns:
            cells: Cells = {}
            for oid, indexes in known.asked.get(column.name, ()):
                cells |= {at: reply[full] for full, at in pairs(oid, indexes) if full in reply}
            missing = lacking(known.asked.get(column.name, ()), cells)
            if missing and column.name not in known.walk_only:
                self._walker.missing.setdefault(planned.table.name, {})[column.name] = missing
            known.keep(column.name, cells, self.memory.polls)

    # What is walked

    async def _table(self, planned: TablePlan, known: Known, *, restarted: bool) -> None:
        now = self.memory.polls
        if planned.is_stable:
            missing = bool(self._walker.missing.get(planned.table.name))
            period = max(WALK_EVERY if known.rows else EMPTY_EVERY, planned.key.every)
            if known.walked is None or restarted or missing or now - known.walked >= period:
                await self._walker.learn(planned, known, whole=restarted or missing)
            elif known.walk_only:
                columns = [c for c in planned.columns if c.name in known.walk_only]
                await self._walker.again(planned, known, columns)
        elif known.walked is None or self._due(planned, known):
            await self._walker.learn(planned, known, whole=False)

    def _due(self, planned: TablePlan, known: Known) -> list[ColumnPlan]:
        now, salt = self.memory.polls, self.memory.salt
        return [c for c in planned.columns if is_due(c, known.read, now, salt)]

    # What is shown

    def _show(self, planned: TablePlan, known: Known, now: int) -> None:
        """Put a table into the sample: what was read now, and what was not due.

        A table whose key was asked for in vain says nothing at all, for its rows are unknown.
        """
        if planned.table.name in self.found.gaps or known.walked is None:
            return
        columns = {
            column.name: known.columns[column.name]
            for column in planned.columns
            if known.columns.get(column.name) and known.age(column.name, now) <= 3 * column.every
        }
        self.found.tables[planned.table.name] = TableSample(columns)
