"""Transports to devices and servers, each behind a Protocol of one to five methods.

`protocols` and `target` are light to import; each transport's own module carries its library.
Every transport proves its peer (host key, certificate, SNMPv3 key) before a password leaves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hatang import deferred

if TYPE_CHECKING:
    from hatang.drivers import cli, http, napalm, ssh

__all__ = ["cli", "http", "napalm", "ssh"]
__getattr__ = deferred.names(__name__)
