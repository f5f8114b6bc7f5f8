"""A small supervisor: starts hatang's processes, keeps them running, leaves none behind.

It knows the standard library and the state directory, nothing else: what it supervises may fail
in any way, it must not.
"""

from __future__ import annotations

from hatang.supervisor.child import ChildSpec
from hatang.supervisor.ready import FileReady, HttpReady, PortReady, Ready
from hatang.supervisor.status import read_status, signal_child
from hatang.supervisor.supervise import Supervisor

__all__ = [
    "ChildSpec",
    "FileReady",
    "HttpReady",
    "PortReady",
    "Ready",
    "Supervisor",
    "read_status",
    "signal_child",
]
