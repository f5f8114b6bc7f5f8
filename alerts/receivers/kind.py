"""What every kind of receiver answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from pydantic import BaseModel, ConfigDict

Configurations = Mapping[str, list[dict[str, Any]]]
"""Integrations of one receiver by Alertmanager's key, such as `email_configs`; what must not be
shown is a SecretStr."""


class Options(BaseModel):
    """What a kind may be told; an unknown key is an error, and no value shows in a message."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


@dataclass(frozen=True, slots=True)
class Place:
    """What a receiver is told of the installation it belongs to.

    `notifier_url` is our own process for gateways, which wants the token in `notifier_token_file`.
    """

    name: str
    language: str
    notifier_url: str
    notifier_token_file: str


class Kind(Protocol):
    """One kind of receiver."""

    @property
    def options(self) -> type[Options]:
        """What the kind may be told."""

    @property
    def needs_notifier(self) -> bool:
        """Whether our own process stands between Alertmanager and the receiver."""

    def configurations(self, options: Any, place: Place) -> Configurations:  # noqa: ANN401 RUF100 - its own
        """Return what Alertmanager does for a receiver with these options.

        Raises:
            ValueError: the options contradict each other.
        """
        ...
