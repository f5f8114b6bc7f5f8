"""Does a registrar work, and is an address registered with it (RFC 3261, 10)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

from pydantic import Field

from hatang.drivers.sip import SipUri
from hatang.drivers.sipregister import SipLogin, registration
from hatang.errors import DriverError, Reason
from monitors.choices import Cause
from monitors.probes.login import login
from monitors.probes.result import Answer, Options, Probe
from monitors.probes.sip_options import pinned

if TYPE_CHECKING:
    from monitors.probes.aim import Aim
    from monitors.probes.result import Means


class RegisterOptions(Options):
    """`credential` is a stored login with username and password; without it only a challenge is
    expected, which proves that the registrar works."""

    credential: Annotated[str, Field(max_length=100)] = ""


async def ask(aim: Aim, means: Means, options: RegisterOptions) -> Answer:
    """Answer when the address of the aim has a contact, or, without a login, when it is asked who.

    `sip:room-1@registrar`: the part before the @ is the address asked for.
    """
    user, at, _ = aim.url.partition("@")
    address = f"{user}@{aim.host}" if at else f"sip:hatang@{aim.host}"
    proof = None
    if options.credential:
        stored = await login(means, options.credential)
        proof = SipLogin(stored.username, stored.password)
    registrar = SipUri.parse(pinned(aim).replace(f"{user}@", "sip:") if at else pinned(aim))
    found = await registration(address, registrar, proof, timeout_seconds=aim.timeout_seconds)
    if found.contacts is not None:
        values = {"hatang_probe_sip_contacts": float(found.contacts)}
        if found.contacts == 0 and (proof or at):
            return Answer(Cause.NOT_REGISTERED, values, "no contact")
        return Answer(Cause.ANSWERED, values, f"{found.contacts} contacts")
    if found.code in {401, 407} and proof is None:
        return Answer(detail=f"code {found.code}, asks for a login")
    if found.code == 404:
        return Answer(Cause.NOT_REGISTERED, detail="code 404")
    raise DriverError(f"{aim.url}: {found.code}", Reason.REJECTED)


PROBE: Final = Probe(ask, ("sip",), RegisterOptions)
