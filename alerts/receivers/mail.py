"""Mail; without a server of its own through the one of `alertmanager.mail`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field, SecretStr

from alerts.receivers.kind import Options

if TYPE_CHECKING:
    from alerts.receivers.kind import Configurations, Place

Address = Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+$")]


class MailOptions(Options):
    """To whom, and through which server."""

    to: Annotated[tuple[Address, ...], Field(min_length=1)]
    smarthost: Annotated[str, Field(pattern=r"^(\S+:\d{1,5})?$")] = ""
    sender: Annotated[str, Field(alias="from")] = ""
    username: str = ""
    password: SecretStr = SecretStr("")
    require_tls: bool = True


class Mail:
    """Sends one mail to each address."""

    options = MailOptions
    needs_notifier = False

    def configurations(self, options: MailOptions, place: Place) -> Configurations:
        """Return one configuration an address; the subject is the summary in our language."""
        server = _server(options) if options.smarthost else {}
        headers = {"Subject": subject(place.language)}
        return {
            "email_configs": [
                {"to": to, "send_resolved": True, "headers": headers, **server} for to in options.to
            ]
        }


def _server(options: MailOptions) -> dict[str, Any]:
    if not options.sender:
        raise ValueError("smarthost wants from, the sender's address")
    found: dict[str, Any] = {
        "smarthost": options.smarthost,
        "from": options.sender,
        "require_tls": options.require_tls,
    }
    if options.username:
        found |= {"auth_username": options.username, "auth_password": options.password}
    return found


def subject(language: str) -> str:
    """Return the template of a subject: one incident is one group, so its annotations are common;
    raw groups fall back on the alert's name.
    """
    summary = f".CommonAnnotations.summary_{language}"
    fallback = "{{ .CommonLabels.alertname }}"
    return (
        "[{{ .Status | toUpper }}] "
        f"{{{{ if {summary} }}}}{{{{ {summary} }}}}{{{{ else }}}}{fallback}{{{{ end }}}}"
    )
