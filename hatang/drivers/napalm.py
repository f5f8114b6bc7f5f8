"""NAPALM drivers, opened only where the peer is proven.

Which proof a driver can give was read in the drivers' sources (NAPALM 5.2): those over netmiko
(`ios`, `nxos_ssh`, `eos` over ssh) pass host key arguments on, also to the second connection that
copies files; `eos` over eAPI takes a connection class. `junos` is a subclass that makes
PyEZ verify; it was never tried on a device. `iosxr`, `iosxr_netconf` and `nxos` (NX-API) offer no
way to require it and are refused.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from jnpr.junos.exception import ConnectAuthError as JunosAuthError
from jnpr.junos.exception import ConnectError as JunosError
from jnpr.junos.exception import ConnectRefusedError as JunosRefusedError
from napalm import get_network_driver
from napalm.base.exceptions import (
    CommandErrorException,
    CommitError,
    ConnectAuthError,
    ConnectTimeoutError,
    LockError,
    MergeConfigException,
    NapalmException,
    ReplaceConfigException,
    UnsupportedVersion,
)
from napalm.nxos_ssh.nxos_ssh import NXOSSSHDriver
from pyeapi.eapilib import CommandError, EapiError

from hatang.drivers.byways import ALLOWANCE, TUNNEL, ByWay, tunnel
from hatang.drivers.cli import CLI_RULES, refused_keys, verified_arguments
from hatang.drivers.eapi import verified
from hatang.drivers.eos import ConfirmableEosDriver
from hatang.drivers.failures import Rule, translated
from hatang.drivers.hostkeys import known_hosts_file
from hatang.drivers.ios import ConfirmableIosDriver
from hatang.drivers.junos import UnknownPeerError, VerifiedJunosDriver
from hatang.drivers.ssh import load_private_key
from hatang.errors import DriverError, Reason
from hatang.operations import observe

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

    from hatang.drivers.protocols import HostKeys
    from hatang.drivers.target import SshLogin, Target
    from hatang.drivers.tls import TlsTrust

# What says most comes first: a bare ConnectionException may wrap a refused certificate.
NAPALM_RULES: Final[tuple[Rule, ...]] = (
    (UnknownPeerError, Reason.HOST_KEY_MISMATCH),
    (JunosAuthError, Reason.AUTH_FAILED),
    (JunosRefusedError, Reason.REFUSED),
    (JunosError, Reason.PROTOCOL_ERROR),
    (LockError, Reason.BUSY),
    (MergeConfigException, Reason.REJECTED),
    (ReplaceConfigException, Reason.REJECTED),
    (CommitError, Reason.REJECTED),
    (CommandErrorException, Reason.REJECTED),
    (CommandError, Reason.REJECTED),
    (UnsupportedVersion, Reason.NOT_SUPPORTED),
    (NotImplementedError, Reason.NOT_SUPPORTED),
    (ConnectAuthError, Reason.AUTH_FAILED),
    *CLI_RULES,
    (ConnectTimeoutError, Reason.TIMEOUT),
    (NapalmException, Reason.PROTOCOL_ERROR),
    (EapiError, Reason.PROTOCOL_ERROR),
)

# What a driver's getter raises by itself over an answer that its authors did not foresee.
_UNFORESEEN: Final[tuple[Rule, ...]] = tuple(
    (one, Reason.PROTOCOL_ERROR)
    for one in (LookupError, NameError, TypeError, ValueError, AttributeError)
)


class Proof(StrEnum):
    """How a NAPALM driver's peer is proven."""

    NETMIKO = "netmiko"
    NETCONF = "netconf"
    EAPI = "eapi"
    HOST_KEYS = "host-keys"


_PROOFS: Final[Mapping[str, Proof]] = {
    "ios": Proof.NETMIKO,
    "nxos_ssh": Proof.NETMIKO,
    "eos_ssh": Proof.NETMIKO,
    "junos": Proof.NETCONF,
    "junos_read": Proof.NETCONF,
    "eos": Proof.EAPI,
}


class WayNxosDriver(ByWay, NXOSSSHDriver):  # type: ignore[misc]  # NAPALM ships no types
    """NAPALM's driver of NX-OS over SSH, through a jump host or under a waiver."""


# NAPALM's drivers made to say whose commit waits: `pending_commits` gives PendingCommit.
_OWN: Final[Mapping[str, type]] = {
    "eos": ConfirmableEosDriver,
    "eos_ssh": ConfirmableEosDriver,
    "ios": ConfirmableIosDriver,
    "junos": VerifiedJunosDriver,
    "junos_read": VerifiedJunosDriver,
    "nxos_ssh": WayNxosDriver,
}


_BY_SSH: Final = frozenset({Proof.NETMIKO, Proof.NETCONF})


def opens_by_ssh(driver: str | None) -> bool:
    """Return whether a host key alone is enough for NAPALM's `driver` to prove its peer."""
    return driver is not None and _PROOFS.get(driver) in _BY_SSH


@dataclass(frozen=True, slots=True)
class NapalmOptions:
    """`driver` is a NAPALM name, `eos_ssh`, or a class of our own.

    A class of our own verifies by itself: it finds `host_keys` (the Protocol HostKeys), `target`
    and `login` in its optional_args, and must open its sessions with `open_ssh` or `open_cli`.
    """

    driver: str | type
    trust: TlsTrust | None = None
    timeout_seconds: float = 60.0
    optional_args: Mapping[str, Any] = field(default_factory=dict)


def open_napalm(
    target: Target, login: SshLogin, host_keys: HostKeys, options: NapalmOptions
) -> NapalmSession:
    """Open a NAPALM driver on `target`.

    Raises:
        DriverError: NOT_SUPPORTED for a driver that cannot prove its peer, HOST_KEY_MISMATCH or
            CERTIFICATE_INVALID before a credential leaves, else as the transports say.
    """
    proof = _proof(options)
    name = options.driver if isinstance(options.driver, str) else options.driver.__name__
    with (
        observe("driver", "napalm.open"),
        translated(target, f"{name} login", NAPALM_RULES),
        ExitStack() as stack,
    ):
        arguments = _arguments(proof, target, login, host_keys, options)
        if proof in _BY_SSH:
            known_hosts = stack.enter_context(known_hosts_file(host_keys, [target]))
            arguments |= verified_arguments(known_hosts)
        if proof is not Proof.HOST_KEYS:  # a class of our own goes its way by itself
            arguments |= _way(proof, target, host_keys, stack, options)
        device = _driver_class(options.driver)(
            target.host,
            login.username,
            login.password or "",
            timeout=int(options.timeout_seconds),
            optional_args=arguments,
        )
        with refused_keys(target):
            device.open()
        stack.callback(device.close)
        return NapalmSession(target, device, stack.pop_all())


class NapalmSession:
    """An open NAPALM driver; `call` reaches its methods with times, counts and reasons.

    As a context manager it closes at the end.
    """

    def __init__(self, target: Target, device: Any, stack: ExitStack) -> None:
        self.target = target
        self.device = device
        self._stack = stack

    def call(self, method: str, *args: object, **kwargs: object) -> Any:
        """Call `method` of the NAPALM driver (get_facts, load_merge_candidate, …).

        Raises:
            DriverError: REJECTED when the device refuses the configuration, BUSY when another
                holds its lock, NOT_SUPPORTED, TIMEOUT, PROTOCOL_ERROR.
        """
        function = getattr(self.device, method)
        with (
            observe("driver", f"napalm.{method}"),
            translated(self.target, method, (*NAPALM_RULES, *_UNFORESEEN)),
            refused_keys(self.target),
        ):
            return function(*args, **kwargs)

    def close(self) -> None:
        """Log out and delete the session's known_hosts file."""
        with translated(self.target, "logout", NAPALM_RULES):
            self._stack.close()

    def __enter__(self) -> NapalmSession:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.close()


def _proof(options: NapalmOptions) -> Proof:
    if not isinstance(options.driver, str):
        return Proof.HOST_KEYS
    proof = _PROOFS.get(options.driver)
    if proof is None:
        raise DriverError(
            f"NAPALM's driver {options.driver!r} cannot be made to prove its peer",
            Reason.NOT_SUPPORTED,
            fix=f"Use one of {', '.join(sorted(_PROOFS))}, or a driver of our own.",
        )
    if proof is Proof.EAPI and options.trust is None:
        raise DriverError(
            "eAPI needs a CA file or a pinned certificate",
            Reason.CERTIFICATE_INVALID,
            fix="Store the switch's certificate fingerprint with the device.",
        )
    return proof


def _arguments(
    proof: Proof, target: Target, login: SshLogin, host_keys: HostKeys, options: NapalmOptions
) -> dict[str, Any]:
    """Return NAPALM's optional_args; what proves the peer comes last and cannot be overridden."""
    arguments: dict[str, Any] = {**options.optional_args, "port": target.port}
    if proof is Proof.HOST_KEYS:
        return {**arguments, "host_keys": host_keys, "target": target, "login": login}
    if proof is Proof.EAPI:
        secret = {"enable_password": login.enable_password or ""}
        return {**arguments, **secret}
    if login.private_key is not None:
        arguments["pkey"] = load_private_key(login.private_key, login.passphrase)
    if login.enable_password is not None:
        arguments["secret"] = login.enable_password
    return {**arguments, "transport": "ssh"}


def _way(
    proof: Proof, target: Target, host_keys: HostKeys, stack: ExitStack, options: NapalmOptions
) -> dict[str, Any]:
    """Return the optional_args that lead through a jump host and allow what a waiver allows."""
    if proof is Proof.NETCONF and (target.via or target.legacy):
        raise DriverError(
            f"{target}: NETCONF goes through no jump host, and under no waiver",
            Reason.NOT_SUPPORTED,
            fix="Let hatang reach the device itself, over SSH with SHA-2.",
        )
    opens = tunnel(target, host_keys, stack)
    if proof is Proof.EAPI and options.trust is not None:
        return {"transport": verified(options.trust, opens)}
    found: dict[str, Any] = {} if opens is None else {TUNNEL: opens}
    return found if target.legacy is None else {**found, ALLOWANCE: target.legacy}


def _driver_class(driver: str | type) -> type:
    if not isinstance(driver, str):
        return driver
    found: type = _OWN.get(driver) or get_network_driver(driver)
    return found
