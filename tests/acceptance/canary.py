"""Hunts secrets in every form a careless program leaves them in."""

from __future__ import annotations

import base64
import gzip
import json
import re
import sqlite3
import zlib
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SHORTEST = 8  # a shorter word stands somewhere by chance
BIGGEST = 64 * 1024 * 1024
ALIGNMENTS = 3
ENCODED = re.compile(rb"[A-Za-z0-9+/_-]{64,}={0,2}")
STREAM = re.compile(rb"\x1f\x8b\x08|\x78[\x01\x5e\x9c\xda]")
SECRET_FIELDS = ("password", "secret", "token", "key")
PUBLIC_FIELDS = ("kind", "username", "auth_protocol", "priv_protocol")


@dataclass(frozen=True)
class Canary:
    """A secret by name; the name is all that is ever printed."""

    name: str
    forms: dict[str, bytes] = field(repr=False)

    @classmethod
    def of(cls, name: str, secret: str) -> Canary:
        plain = secret.encode()
        forms = {"plain": plain, "hex": plain.hex().encode(), "HEX": plain.hex().upper().encode()}
        escaped = json.dumps(secret)[1:-1].encode()
        forms["escaped"] = escaped
        for shift in range(ALIGNMENTS):
            coded = base64.b64encode(b"\0" * shift + plain)
            # Only letters that depend on nothing but the secret.
            sure = coded[(shift * 8 + 5) // 6 : (shift + len(plain)) * 8 // 6]
            forms[f"base64+{shift}"] = sure
            forms[f"base64url+{shift}"] = sure.replace(b"+", b"-").replace(b"/", b"_")
        return cls(name, forms)

    def in_(self, data: bytes) -> str:
        """Return the form in which the secret stands in the data, or nothing."""
        return next((form for form, needle in self.forms.items() if needle in data), "")


def canaries(credentials: dict[str, dict[str, str]]) -> list[Canary]:
    """Return every secret of a credentials file; of a private key, its longest line."""
    found = []
    for name, fields in credentials.items():
        for key, value in fields.items():
            secret = max(value.split(), key=len, default="")
            if key not in PUBLIC_FIELDS and len(secret) >= SHORTEST:
                found.append(Canary.of(f"{name}.{key}", secret))
    return found


@dataclass
class Hunt:
    """Where secrets were found: place, secret's name, form."""

    wanted: list[Canary]
    found: list[str] = field(default_factory=list)
    looked_at: int = 0

    def look(self, place: str, data: bytes) -> None:
        """Search the data, what is base64 in it, and what is compressed in either."""
        self.looked_at += 1
        for layer in layers(data):
            for canary in self.wanted:
                form = canary.in_(layer)
                if form:
                    self.found.append(f"{place}: {canary.name} ({form})")

    def files(self, folder: Path) -> None:
        """Search every file below a folder, and every cell of its SQLite databases."""
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not path.is_symlink() and path.stat().st_size < BIGGEST:
                with suppress(OSError):
                    self.look(str(path), path.read_bytes())
                if path.suffix == ".sqlite3":
                    for place, cell in cells(path):
                        self.look(place, cell)

    def processes(self, pids: Iterable[int]) -> None:
        """Search arguments and environments."""
        for pid in pids:
            for name in ("cmdline", "environ"):
                with suppress(OSError):
                    self.look(f"/proc/{pid}/{name}", Path(f"/proc/{pid}/{name}").read_bytes())


def cells(path: Path) -> Iterator[tuple[str, bytes]]:
    """Yield every text and blob of a database whole: pages may cut them in two."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        for (table,) in tables.fetchall():
            for row in connection.execute(f'SELECT * FROM "{table}"'):
                joined = [value.encode() if isinstance(value, str) else value for value in row]
                whole = b"\0".join(value for value in joined if isinstance(value, bytes))
                yield f"{path}:{table}", whole


def layers(data: bytes, depth: int = 3) -> Iterator[bytes]:
    """Yield the data, and what its base64 runs and compressed streams hold, to that depth."""
    yield data
    if depth == 0:
        return
    for match in ENCODED.finditer(data):
        text = match[0].rstrip(b"=").replace(b"-", b"+").replace(b"_", b"/")
        with suppress(ValueError):
            decoded = base64.b64decode(text + b"=" * (-len(text) % 4))
            if STREAM.match(decoded):
                yield from layers(decoded, depth - 1)
    for match in STREAM.finditer(data):
        inner = inflate(data[match.start() :])
        if inner:
            yield from layers(inner, depth - 1)


def inflate(data: bytes) -> bytes:
    """Return what a zlib or gzip stream at the start of the data holds, as far as it is whole."""
    reader = zlib.decompressobj(zlib.MAX_WBITS | 32)
    with suppress(zlib.error):
        return reader.decompress(data, BIGGEST)
    return b""


def disguises(secret: str) -> dict[str, bytes]:
    """Return the secret as careless programs keep it, for planting."""
    text = f"password={secret}\n".encode() * 3
    return {
        "plain.log": text,
        "coded.bin": base64.b64encode(b"x" + text),
        "hex.txt": text.hex().encode(),
        "rotated.log.gz": gzip.compress(text),
        "object": b"blob 12\0" + zlib.compress(text),
        "pickle.txt": base64.b64encode(zlib.compress(text * 20)),
    }
