"""rsyslog's part: its configuration, and how long it keeps what it wrote.

It takes, stores and relays; to us it hands each line over a datagram socket, and what we cannot
take in time it drops rather than waits for.
"""

from __future__ import annotations

import shutil
import subprocess
from datetime import date
from typing import TYPE_CHECKING, Final

from hatang import clock, statedir
from hatang.errors import SettingsError
from monitors.hints import counters

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from hatang.settings import Listen, Settings
    from hatang.settings.model import SyslogSettings

CHECK_SECONDS: Final = 20.0
# Lines that wait in rsyslog's memory for the disk, for the relay, and for us.
_MAIN_QUEUE: Final = 100_000
_HINT_QUEUE: Final = 10_000


def program(settings: Settings) -> str:
    """Return the path of rsyslogd; empty when it is not wanted or not installed."""
    own = settings.syslog
    return (shutil.which(own.binary, path=_WHERE) or "") if own.is_wanted else ""


_HINT_ACTION: Final = (
    "$ActionQueueType FixedArray",
    f"$ActionQueueSize {_HINT_QUEUE}",
    "$ActionQueueTimeoutEnqueue 0",
    "$ActionQueueSaveOnShutdown off",
    "$ActionResumeRetryCount 0",
)
# A daemon's folder is in no ordinary person's path.
_WHERE: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def configuration_file(settings: Settings) -> Path:
    """Return where rsyslog's configuration is written."""
    return settings.data_dir / "run" / "rsyslog.conf"


def arguments(settings: Settings) -> tuple[str, ...]:
    """Return rsyslogd's arguments: in the foreground, our configuration, no pid file."""
    return ("-n", "-f", str(configuration_file(settings)), "-i", "NONE")


def prepare(settings: Settings) -> None:
    """Write the configuration and have rsyslog check it; nothing where it is not to run.

    Raises:
        SettingsError: rsyslog does not take it, with what it says.
    """
    binary = program(settings)
    if not binary:
        return
    (settings.data_dir / "run" / "rsyslog").mkdir(mode=0o700, parents=True, exist_ok=True)
    settings.syslog_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = configuration_file(settings)
    statedir.replace_text(path, render(settings))
    checked = subprocess.run(  # noqa: S603 - our own settings
        [binary, "-N1", "-f", str(path)],
        capture_output=True,
        text=True,
        timeout=CHECK_SECONDS,
        check=False,
    )
    if checked.returncode != 0:
        said = " ".join(checked.stderr.split())[-300:]
        raise SettingsError(
            f"rsyslog does not take what [syslog] says: {said}",
            fix="Mend [syslog]; TLS wants the package rsyslog-gnutls.",
        )


def render(settings: Settings) -> str:
    """Return rsyslog.conf: what is taken, kept, relayed and handed to us."""
    own = settings.syslog
    parts = [
        "# Written by hatang from its settings; changes here are lost.",
        _global(settings),
        *_modules(settings),
        'module(load="omuxsock")',
        f"$OMUxSockSocket {settings.lines_socket}",
        'template(name="file" type="string" '
        f'string="{settings.syslog_dir}/%$year%-%$month%-%$day%/%fromhost-ip%.log")',
        'template(name="kept" type="string" '
        'string="%timegenerated:::date-rfc3339% %rawmsg:::drop-last-lf%\\n")',
        'template(name="hint" type="string" string="%fromhost-ip% %rawmsg:::drop-last-lf%")',
        *_HINT_ACTION,
        _rules(settings),
    ]
    for kind, listen in (("imudp", own.udp), ("imtcp", own.tcp)):
        if listen.port:
            parts.append(_input(kind, listen))
    if own.tls.port:
        parts.append(
            _input(
                "imtcp",
                own.tls,
                ' StreamDriver.Mode="1" StreamDriver.AuthMode='
                '"x509/certvalid" StreamDriver.Name="gtls"',
            )
        )
    return "\n".join(parts) + "\n"


def _modules(settings: Settings) -> list[str]:
    """Return what is loaded: rsyslog refuses a module of inputs that has none."""
    own = settings.syslog
    found = ['module(load="imudp")'] if own.udp.port else []
    if own.tcp.port or own.tls.port:
        tls = ' StreamDriver.Name="gtls" StreamDriver.Mode="0"' if own.tls.port else ""
        found.append(f'module(load="imtcp" maxSessions="2000"{tls})')
    return found


def _uses_tls(settings: Settings) -> bool:
    return bool(settings.syslog.tls.port) or settings.syslog.relay_tls


def _global(settings: Settings) -> str:
    own = settings.syslog
    found = [
        f'workDirectory="{settings.data_dir / "run" / "rsyslog"}"',
        'net.enableDNS="off"',
        'maxMessageSize="8k"',
    ]
    for name, path in (
        ("defaultNetstreamDriverCAFile", own.tls_ca),
        ("defaultNetstreamDriverCertFile", own.tls_certificate),
        ("defaultNetstreamDriverKeyFile", own.tls_key),
    ):
        if path is not None and _uses_tls(settings):
            found.append(f'{name}="{path}"')
    return f"global({' '.join(found)})"


def _input(kind: str, listen: Listen, more: str = "") -> str:
    where = f'address="{listen.host}" port="{listen.port}"'
    return f'input(type="{kind}" {where} ruleset="intake"{more})'


def _rules(settings: Settings) -> str:
    actions = [
        'action(type="omfile" dynaFile="file" template="kept" fileCreateMode="0600" '
        'dirCreateMode="0700" dynaFileCacheSize="200" asyncWriting="off")',
        "*.* :omuxsock:;hint",  # this module knows only the old form, also of its queue below
    ]
    if settings.syslog.relay:
        actions.append(_relay(settings))
    body = "\n  ".join(actions)
    queue = f'queue.type="LinkedList" queue.size="{_MAIN_QUEUE}" queue.timeoutEnqueue="0"'
    return f'ruleset(name="intake" {queue}) {{\n  {body}\n}}'


def _relay(settings: Settings) -> str:
    own = settings.syslog
    host, _, port = own.relay.rpartition(":")
    tls = (
        ' StreamDriver="gtls" StreamDriverMode="1" StreamDriverAuthMode="x509/name"'
        f' StreamDriverPermittedPeers="{host}"'
        if own.relay_tls
        else ""
    )
    return (
        f'action(type="omfwd" target="{host}" port="{port}" protocol="tcp"{tls} '
        'TCP_Framing="octet-counted" template="RSYSLOG_SyslogProtocol23Format" '
        'queue.type="LinkedList" queue.filename="relay" queue.saveOnShutdown="on" '
        f'queue.maxDiskSpace="{own.relay_queue_mb}m" queue.timeoutEnqueue="0" '
        'action.resumeRetryCount="-1")'
    )


def sweep(settings: Settings, levels: Mapping[str, int] | None = None) -> list[str]:
    """Take away what is older than it is to be kept, and say how full the disk is.

    `levels` are the levels of information systems by the address whose lines a file holds; those
    of an address that no device has any more are kept longest. A day goes when nothing of it is
    kept. Returns the names of the days of which something went.
    """
    own, known = settings.syslog, levels or {}
    longest = max(own.retention_days, *own.retention_days_by_level.values(), 0)
    gone = []
    for folder in sorted(settings.syslog_dir.glob("????-??-??")):
        try:
            age = (clock.now().date() - date.fromisoformat(folder.name)).days
        except ValueError:
            continue
        if not folder.is_dir() or folder.is_symlink():
            continue
        if age > longest:
            shutil.rmtree(folder, ignore_errors=True)
            gone.append(folder.name)
        elif _swept(folder, age, own, known, longest):
            gone.append(folder.name)
    usage = shutil.disk_usage(settings.syslog_dir)
    counters.DISK_FREE.labels("syslog").set(usage.free / usage.total)
    return gone


def _swept(
    folder: Path, age: int, own: SyslogSettings, levels: Mapping[str, int], longest: int
) -> bool:
    """Remove the files of a day that are kept no longer; return whether there was one."""
    found = False
    for file in folder.glob("*.log"):
        level = levels.get(file.stem)
        by_level = own.retention_days_by_level.get(str(level), own.retention_days)
        if age > (longest if level is None else by_level):
            file.unlink(missing_ok=True)
            found = True
    if age > own.retention_days and not any(folder.iterdir()):
        folder.rmdir()
        found = True
    return found
