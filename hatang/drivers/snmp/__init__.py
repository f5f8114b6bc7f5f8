"""SNMP: one engine of our own, by which the monitors poll and discovery reads.

What an agent sends is not believed: identifiers must increase, rows are capped, every call has a
deadline, and only the answer to a request still waited for counts.
"""

from hatang.drivers.snmp.codec import Column
from hatang.drivers.snmp.engine import Engine
from hatang.drivers.snmp.gaps import Gap
from hatang.drivers.snmp.limits import SnmpLimits
from hatang.drivers.snmp.reader import EngineReader
from hatang.drivers.snmp.readings import Kind, Query, Reading

__all__ = [
    "Column",
    "Engine",
    "EngineReader",
    "Gap",
    "Kind",
    "Query",
    "Reading",
    "SnmpLimits",
]
