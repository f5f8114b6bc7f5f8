#!/usr/bin/env python3
"""Ansible's inventory script for hatang: asks its API, needs nothing but Python.

    ansible-inventory -i hatang_inventory.py --graph

HATANG_REMOTE_URL         where hatang is, https://hatang.tinh.example
HATANG_REMOTE_TOKEN_FILE  a file of mode 0600 with a token of the role viewer
HATANG_REMOTE_TOKEN       the token itself, where a file cannot be
HATANG_REMOTE_CA_FILE     whose signature counts, when it is not one of the system's authorities
"""

import http.client
import ipaddress
import json
import os
import ssl
import stat
import sys
from pathlib import Path
from urllib.parse import quote, urlsplit

TIMEOUT_SECONDS = 60
MAX_BYTES = 256 * 1024 * 1024


class Refused(Exception):  # noqa: N818 - it is what the script says
    """What a person has to mend."""


def token() -> str:
    """Return the token; it is never an argument, which every account of the machine could read."""
    path = os.environ.get("HATANG_REMOTE_TOKEN_FILE")
    if not path:
        given = os.environ.get("HATANG_REMOTE_TOKEN", "")
        if not given:
            raise Refused("set HATANG_REMOTE_TOKEN_FILE: `hatang token create ansible` prints one")
        return given.strip()
    file = Path(path)
    if stat.S_IMODE(file.stat().st_mode) & 0o077:
        raise Refused(f"{path} can be read by others: chmod 600 {path}")
    return file.read_text(encoding="utf-8").strip()


def connection(url: str) -> "tuple[http.client.HTTPConnection, str]":
    """Return a connection that proves the server, and the path below which the API is."""
    parts = urlsplit(url)
    if not parts.hostname or parts.scheme not in {"http", "https"}:
        raise Refused("set HATANG_REMOTE_URL, like https://hatang.tinh.example")
    path = parts.path.rstrip("/")
    if parts.scheme == "https":
        context = ssl.create_default_context(cafile=os.environ.get("HATANG_REMOTE_CA_FILE"))
        return http.client.HTTPSConnection(
            parts.hostname, parts.port, timeout=TIMEOUT_SECONDS, context=context
        ), path
    if not is_loopback(parts.hostname):
        raise Refused("a token does not go over http://: give an https:// address")
    return http.client.HTTPConnection(parts.hostname, parts.port, timeout=TIMEOUT_SECONDS), path


def is_loopback(host: str) -> bool:
    """Tell whether `host` is this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def ask(path: str) -> bytes:
    """Return the JSON that the API has at `path`; redirects are not followed."""
    opened, below = connection(os.environ.get("HATANG_REMOTE_URL", ""))
    headers = {"Authorization": f"Bearer {token()}", "Accept": "application/json"}
    opened.request("GET", f"{below}/api/v1/ansible/{path}", headers=headers)
    answer = opened.getresponse()
    body = answer.read(MAX_BYTES + 1)
    if answer.status != http.client.OK:
        raise Refused(f"{path}: HTTP status {answer.status}: {body[:300]!r}")
    if len(body) > MAX_BYTES:
        raise Refused(f"{path}: more than {MAX_BYTES} bytes")
    json.loads(body)
    return body


def wanted(words: "list[str]") -> str:
    """Return the path of the API that answers what Ansible asks for."""
    if words[:1] == ["--host"] and len(words) > 1:
        return f"hosts/{quote(words[1], safe='')}"
    if words[:1] == ["--list"]:
        return "inventory"
    raise Refused("usage: hatang_inventory.py --list | --host NAME")


def main(words: "list[str]") -> int:
    """Print what Ansible asks for."""
    try:
        body = ask(wanted(words))
    except (Refused, OSError, http.client.HTTPException, ValueError) as error:
        sys.stderr.write(f"hatang: {error}\n")
        return 1
    sys.stdout.buffer.write(body)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
