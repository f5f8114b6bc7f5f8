"""SNMP: our engine for all polling, and a reader of another library beside it as a second opinion.

What an agent sends is not believed: identifiers must increase, rows are capped, every call has a
deadline, and only the answer to a request still waited for counts.
"""

from hatang.drivers.snmp.codec import Column
from hatang.drivers.snmp.engine import Engine
from hatang.drivers.snmp.gaps import Gap
from hatang.drivers.snmp.gufo import GufoReader
from hatang.drivers.snmp.limits import SnmpLimits
from hatang.drivers.snmp.reader import EngineReader
from hatang.drivers.snmp.readings import Kind, Query, Reading

__all__ = [
    "Column",
    "Engine",
    "EngineReader",
    "Gap",
    "GufoReader",
    "Kind",
    "Query",
    "Reading",
    "SnmpLimits",
]
