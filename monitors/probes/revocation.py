"""Is a certificate revoked, and is a revocation list true and in date (RFC 5280, RFC 6960)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID
from pydantic import Field

from hatang import clock
from hatang.errors import DriverError, Reason
from monitors.choices import Cause
from monitors.probes.result import Answer, Options, Probe
from monitors.probes.web import Page, Request, fetch

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from monitors.probes.aim import Aim
    from monitors.probes.result import Means

_MAX_LIST: Final = 16 << 20
_MIME: Final = "application/ocsp-request"


class RevocationOptions(Options):
    """`issuer` is the authority's certificate (PEM) when it is not among the trusted ones."""

    issuer: Annotated[str, Field(max_length=20_000)] = ""
    max_age_seconds: Annotated[int, Field(ge=60)] | None = None


async def ask(aim: Aim, means: Means, options: RevocationOptions) -> Answer:
    """Answer when the list at `aim` is signed by its authority and has not run out."""
    page = await fetch(aim, means, Request(max_body=_MAX_LIST))
    found = _list(aim, page)
    age = (clock.now() - found.last_update_utc).total_seconds()
    ends = found.next_update_utc
    values = {
        "hatang_probe_crl_age_seconds": age,
        "hatang_probe_crl_revoked": float(len(found)),
        "probe_http_status_code": float(page.status),
    }
    if ends is not None:
        values["hatang_probe_crl_next_update_timestamp_seconds"] = ends.timestamp()
    known = [one for one in _authorities(options.issuer, means) if one.subject == found.issuer]
    if known and not any(_is_signed(found, one) for one in known):
        return Answer(Cause.SIGNATURE_INVALID, values, "not signed by its authority")
    is_old = options.max_age_seconds is not None and age > options.max_age_seconds
    if (ends is not None and ends <= clock.now()) or is_old:
        return Answer(Cause.LIST_OUTDATED, values, f"from {found.last_update_utc:%Y-%m-%d %H:%M}Z")
    if not known:
        return Answer(Cause.CERTIFICATE_INVALID, values, "its authority is not known here")
    return Answer(Cause.ANSWERED, values, f"{len(found)} revoked")


async def check(aim: Aim, means: Means, chain: Sequence[bytes], how: str) -> Cause:
    """Return whether the first certificate of `chain` was revoked; ANSWERED when it was not.

    Raises:
        DriverError: the certificate names no way, or what it names does not answer truly.
    """
    own = x509.load_der_x509_certificate(chain[0])
    issuer = next((one for one in _issuers(chain, means) if _issued(own, one)), None)
    if issuer is None:
        raise DriverError(f"{aim.host}: its issuer is not known", Reason.CERTIFICATE_INVALID)
    responders, lists = list(_responders(own)), list(_points(own))
    if how != "crl" and responders:
        return await _by_ocsp(aim, means, (own, issuer), responders[0])
    if how != "ocsp" and lists:
        return await _by_list(aim, means, (own, issuer), lists[0])
    raise DriverError(f"{aim.host}: names no way to ask for revocation", Reason.NOT_SUPPORTED)


async def _by_list(
    aim: Aim, means: Means, pair: tuple[x509.Certificate, x509.Certificate], url: str
) -> Cause:
    at = await aim.other(url)
    found = _list(at, await fetch(at, means, Request(max_body=_MAX_LIST)))
    if not _is_signed(found, pair[1]):
        return Cause.SIGNATURE_INVALID
    ends = found.next_update_utc
    if ends is not None and ends <= clock.now():
        return Cause.LIST_OUTDATED
    entry = found.get_revoked_certificate_by_serial_number(pair[0].serial_number)
    return Cause.ANSWERED if entry is None else Cause.CERTIFICATE_REVOKED


async def _by_ocsp(
    aim: Aim, means: Means, pair: tuple[x509.Certificate, x509.Certificate], url: str
) -> Cause:
    at = await aim.other(url)
    # RFC 5019, 2.1.1: responders must know SHA-1 here, where it names and does not protect.
    builder = ocsp.OCSPRequestBuilder().add_certificate(*pair, hashes.SHA1())  # noqa: S303
    request = builder.build()
    body = request.public_bytes(serialization.Encoding.DER)
    page = await fetch(at, means, Request("POST", headers={"Content-Type": _MIME}, body=body))
    try:
        answer = ocsp.load_der_ocsp_response(page.body)
        if answer.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
            raise DriverError(f"{url}: {answer.response_status.name}", Reason.REJECTED)
        if not _is_from(answer, pair[1]) or answer.serial_number != pair[0].serial_number:
            return Cause.SIGNATURE_INVALID
    except ValueError as error:
        raise DriverError(f"{url}: the answer is not OCSP", Reason.PROTOCOL_ERROR) from error
    ends = answer.next_update_utc
    if ends is not None and ends <= clock.now():
        return Cause.LIST_OUTDATED
    if answer.certificate_status is ocsp.OCSPCertStatus.REVOKED:
        return Cause.CERTIFICATE_REVOKED
    if answer.certificate_status is not ocsp.OCSPCertStatus.GOOD:
        raise DriverError(f"{url}: does not know the certificate", Reason.REJECTED)
    return Cause.ANSWERED


def _is_from(answer: ocsp.OCSPResponse, issuer: x509.Certificate) -> bool:
    """Return whether the issuer, or one it named for this (RFC 6960, 4.2.2.2), signed."""
    for signer in (issuer, *answer.certificates):
        named = signer == issuer or (_issued(signer, issuer) and _may_answer(signer))
        if named and _verifies(signer, answer):
            return True
    return False


def _may_answer(certificate: x509.Certificate) -> bool:
    try:
        usages = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return False
    return ExtendedKeyUsageOID.OCSP_SIGNING in usages


def _verifies(signer: x509.Certificate, answer: ocsp.OCSPResponse) -> bool:
    key, algorithm = signer.public_key(), answer.signature_hash_algorithm
    if algorithm is None:
        return False
    try:
        if isinstance(key, rsa.RSAPublicKey):
            signed = answer.tbs_response_bytes
            key.verify(answer.signature, signed, padding.PKCS1v15(), algorithm)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(answer.signature, answer.tbs_response_bytes, ec.ECDSA(algorithm))
        else:
            return False
    except InvalidSignature:
        return False
    return True


def _list(aim: Aim, page: Page) -> x509.CertificateRevocationList:
    if page.status >= 400:
        raise DriverError(f"{aim.url}: status {page.status}", Reason.REJECTED)
    try:
        if page.body.startswith(b"-----BEGIN"):
            return x509.load_pem_x509_crl(page.body)
        return x509.load_der_x509_crl(page.body)
    except ValueError as error:
        raise DriverError(f"{aim.url}: is no revocation list", Reason.PROTOCOL_ERROR) from error


def _is_signed(found: x509.CertificateRevocationList, issuer: x509.Certificate) -> bool:
    key = issuer.public_key()
    if not isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey):
        return False
    return found.is_signature_valid(key)


def _issued(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _authorities(pem: str, means: Means) -> list[x509.Certificate]:
    text = f"{pem}\n{means.authorities}".strip()
    try:
        return x509.load_pem_x509_certificates(text.encode()) if text else []
    except ValueError as error:
        raise DriverError("the issuer is no certificate", Reason.NOT_SUPPORTED) from error


def _issuers(chain: Sequence[bytes], means: Means) -> Iterator[x509.Certificate]:
    yield from (x509.load_der_x509_certificate(one) for one in chain[1:])
    yield from _authorities("", means)


def _responders(certificate: x509.Certificate) -> Iterator[str]:
    try:
        found = certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess)
    except x509.ExtensionNotFound:
        return
    for one in found.value:
        if one.access_method == AuthorityInformationAccessOID.OCSP:
            yield str(one.access_location.value)


def _points(certificate: x509.Certificate) -> Iterator[str]:
    try:
        found = certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints)
    except x509.ExtensionNotFound:
        return
    for point in found.value:
        for name in point.full_name or ():
            if str(name.value).startswith("http"):
                yield str(name.value)


PROBE: Final = Probe(ask, ("http", "https"), RevocationOptions)
