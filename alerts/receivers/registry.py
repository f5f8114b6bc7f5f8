"""Every kind of receiver by the word in the settings; a new one is a file and a line here."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from pydantic import ValidationError

from alerts.receivers.gateway import Gateway
from alerts.receivers.mail import Mail
from alerts.receivers.sms import Sms
from alerts.receivers.verbatim import Verbatim
from alerts.receivers.webhook import Webhook
from hatang.errors import InvalidInputError, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from alerts.receivers.kind import Kind, Options
    from hatang.settings import Receiver

KINDS: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        "gateway": Gateway(),
        "mail": Mail(),
        "sms": Sms(),
        "verbatim": Verbatim(),
        "webhook": Webhook(),
    }
)


def read(receiver: Receiver) -> tuple[Kind, Options]:
    """Return the kind of a receiver of the settings and its options.

    Raises:
        InvalidInputError: there is no such kind, or options are wrong; every problem is named.
    """
    where = f"alertmanager.receivers.{receiver.name}"
    kind = KINDS.get(receiver.kind)
    if kind is None:
        fix = f"Known are {', '.join(KINDS)}."
        raise InvalidInputError([Problem(where, "kind", receiver.kind, "is no kind", fix)])
    try:
        return kind, kind.options.model_validate(receiver.options)
    except ValidationError as error:
        fix = f"A receiver of kind {receiver.kind} takes {', '.join(_names(kind))}."
        raise InvalidInputError(
            [
                Problem(
                    where,
                    ".".join(("options", *(str(part) for part in each["loc"]))),
                    "",  # it may be a secret
                    each["msg"].removeprefix("Value error, "),
                    fix,
                )
                for each in error.errors()
            ]
        ) from error


def _names(kind: Kind) -> list[str]:
    return [field.alias or name for name, field in kind.options.model_fields.items()]
