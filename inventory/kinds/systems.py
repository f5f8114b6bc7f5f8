"""E-government systems, where they answer, what they stand on, and their certificates."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Final

from pydantic import Field, StringConstraints, model_validator

from inventory.choices import ElementKind, SiteStatus
from inventory.kinds.form import (
    Code,
    Day,
    Host,
    Hostname,
    Lax,
    Line,
    Name,
    Port,
    PortName,
    Row,
    Slug,
    Url,
)
from inventory.kinds.kind import Kind, Many
from inventory.models import (
    Certificate,
    CertificateDevice,
    CertificateService,
    Service,
    ServiceDependency,
    ServiceDevice,
    ServiceEndpoint,
    ServiceMachine,
)

_SECRET: Final = {
    "private_key",
    "privatekey",
    "key",
    "key_file",
    "pfx",
    "pkcs12",
    "p12",
    "passphrase",
}


class ServiceRow(Row):
    """An e-government system; an `external` one is run by `party`, outside the province.

    `contact` is the person in charge, `level` the information-system level, `tier` the order in
    which systems are restored, 1 first.
    """

    kind_of_row = ElementKind.SERVICE
    references: ClassVar = {
        "unit": ElementKind.UNIT,
        "runs_on": ElementKind.DEVICE,
        "virtual_machines": ElementKind.VIRTUAL_MACHINE,
        "depends_on": ElementKind.SERVICE,
        "contact": ElementKind.CONTACT,
    }
    code: Code
    name: Name
    kind: Slug
    unit: Code
    runs_on: list[Hostname] = Field(default_factory=list)
    virtual_machines: list[Hostname] = Field(default_factory=list)
    depends_on: list[Code] = Field(default_factory=list)
    url: Url | None = None
    level: Annotated[int, Field(ge=1, le=5)] | None = None
    tier: Annotated[int, Field(ge=1, le=5)] | None = None
    status: Annotated[SiteStatus, Lax] = SiteStatus.ACTIVE
    contact: Code | None = None
    external: bool = False
    party: Line = ""
    description: Line = ""


class ServiceEndpointRow(Row):
    """Where a service answers: a URL, or a host with its port; `probe` names a template."""

    kind_of_row = ElementKind.SERVICE_ENDPOINT
    key_fields = ("service", "name")
    references: ClassVar = {"service": ElementKind.SERVICE}
    service: Code
    name: PortName
    url: Url | None = None
    host: Host | None = None
    port: Port | None = None
    probe: Slug | None = None
    description: Line = ""

    @model_validator(mode="after")
    def _check_place(self) -> ServiceEndpointRow:
        if (self.url is None) == (self.host is None):
            raise ValueError("needs a url, or a host, and not both")
        if self.port is not None and self.host is None:
            raise ValueError("has a port without a host")
        return self


class CertificateRow(Row):
    """A certificate in use; its private key is never kept.

    `purpose` is what it is for (tls, signing, mail, …), `kept_on` what the key lies on (token,
    hsm, file, …).
    """

    kind_of_row = ElementKind.CERTIFICATE
    key_fields = ("serial", "issuer")
    references: ClassVar = {
        "unit": ElementKind.UNIT,
        "contact": ElementKind.CONTACT,
        "services": ElementKind.SERVICE,
        "devices": ElementKind.DEVICE,
    }
    serial: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z:.-]+$", max_length=100)]
    issuer: Name
    holder: Name
    unit: Code | None = None
    contact: Code | None = None
    purpose: Slug | None = None
    kept_on: Slug | None = None
    not_before: Day | None = None
    not_after: Day
    services: list[Code] = Field(default_factory=list)
    devices: list[Hostname] = Field(default_factory=list)
    description: Line = ""

    @model_validator(mode="before")
    @classmethod
    def _refuse_keys(cls, row: Any) -> Any:
        if isinstance(row, dict):
            for name in row:
                if str(name).lower().replace("-", "_").replace(" ", "_") in _SECRET:
                    raise ValueError(f"{name} is refused: a private key is never kept here")
        return row

    @model_validator(mode="after")
    def _check_order(self) -> CertificateRow:
        if self.not_before and self.not_after < self.not_before:
            raise ValueError("not_after lies before not_before")
        return self


KINDS: Final = (
    Kind(
        row=ServiceRow,
        model=Service,
        section="services",
        many={
            "runs_on": Many(ServiceDevice, "service_id", "device_id"),
            "virtual_machines": Many(ServiceMachine, "service_id", "virtual_machine_id"),
            "depends_on": Many(ServiceDependency, "service_id", "depends_on_id"),
        },
        scope=("unit",),
        searched=("name",),
    ),
    Kind(
        row=ServiceEndpointRow,
        model=ServiceEndpoint,
        section="service_endpoints",
        scope=("service",),
    ),
    Kind(
        row=CertificateRow,
        model=Certificate,
        section="certificates",
        many={
            "services": Many(CertificateService, "certificate_id", "service_id"),
            "devices": Many(CertificateDevice, "certificate_id", "device_id"),
        },
        scope=("unit", "services", "devices"),
        separator=" @ ",
        searched=("holder", "issuer"),
    ),
)
