"""Transports to devices and servers, each behind a Protocol of one to five methods.

`protocols` and `target` are light to import; each transport's own module carries its library.
Every transport proves its peer (host key, certificate, SNMPv3 key) before a password leaves.
"""
