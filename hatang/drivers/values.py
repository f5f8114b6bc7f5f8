"""What an SNMP agent tells, as Python has it."""

from __future__ import annotations

from typing import TypeAlias

SnmpValue: TypeAlias = int | float | bytes | str
"""OCTET STRING is bytes, OBJECT IDENTIFIER and IpAddress are dotted text, every number is an int
(TimeTicks in hundredths of a second). What the agent does not have is absent, never None."""
