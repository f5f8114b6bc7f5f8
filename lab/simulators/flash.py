"""What outlives a power cycle: startup-config and the files on flash."""

import os
import re
from pathlib import Path

_FREE_BYTES = 1_900_000_000
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


class Flash:
    """Files under the state directory. A name is one plain word: no paths, no escapes."""

    def __init__(self, state_dir: Path) -> None:
        self._state_dir = state_dir
        self._startup = state_dir / "startup-config"
        self.directory = state_dir / "flash"
        self.directory.mkdir(parents=True, exist_ok=True)

    def path(self, url: str) -> Path | None:
        """Where `flash:/name` lies; None when the name is not allowed."""
        name = re.sub(r"^(flash|bootflash|disk0):/*", "", url).lstrip("/")
        return self.directory / name if _NAME.fullmatch(name) else None

    def read(self, url: str) -> bytes | None:
        """The file's bytes, None when there is none."""
        path = self.path(url)
        return path.read_bytes() if path and path.is_file() else None

    def write(self, url: str, data: bytes) -> bool:
        """Store a file; False when the name is not allowed."""
        path = self.path(url)
        if path:
            self._write(path, data)
        return path is not None

    def listing(self) -> dict[str, int]:
        """Names and sizes."""
        return {path.name: path.stat().st_size for path in sorted(self.directory.iterdir())}

    def free(self) -> int:
        """Bytes left, of a flash that never fills."""
        return _FREE_BYTES - sum(self.listing().values())

    def read_startup(self) -> str | None:
        """The saved configuration; None before the first boot."""
        return self._startup.read_text() if self._startup.is_file() else None

    def write_startup(self, text: str) -> None:
        """Save the configuration; a kill in between leaves the old one whole."""
        self._write(self._startup, text.encode())

    def _write(self, path: Path, data: bytes) -> None:
        # The temporary file stands beside flash, so that a kill leaves no stray file in `dir`.
        temporary = self._state_dir / f".{path.name}.new"
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
