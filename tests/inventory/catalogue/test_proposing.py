"""The catalogue's systems as rows of a province: once each, and importable as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import yaml

from hatang.errors import InvalidInputError
from inventory import catalogue, service
from inventory.service.proposing import propose_services

if TYPE_CHECKING:
    from collections.abc import Callable

    from hatang.auth import Actor
    from hatang.db import Database
    from inventory.planning import ImportPlan


def proposed(database: Database, actor: Actor) -> str:
    with database.read() as session:
        return propose_services(session, actor, "so-khcn", "tinh.example")


@pytest.mark.usefixtures("province")
def test_what_is_proposed_imports_and_then_nothing_is_proposed(
    database: Database, engineer: Actor, load: Callable[[str], ImportPlan]
) -> None:
    plan = load(proposed(database, engineer))
    assert not plan.changed
    held = {row.key for row in plan.created}
    once = {code for code, one in catalogue.systems().items() if one.per == "province"}
    assert once - held <= {"dns", "portal"}  # the province has these already
    assert {"unit-sites/so-khcn", "commune-sites/xa-01", "one-stop-desk/xa-02"} <= held
    assert yaml.safe_load(proposed(database, engineer))["services"] == []


@pytest.mark.slow
@pytest.mark.usefixtures("province")
def test_a_group_belongs_to_its_unit_and_external_systems_have_no_address_of_ours(
    database: Database, engineer: Actor
) -> None:
    rows = {row["code"]: row for row in yaml.safe_load(proposed(database, engineer))["services"]}
    assert rows["commune-sites/xa-01"]["unit"] == "xa-01"
    assert rows["commune-sites/xa-01"]["url"] == "https://xa-01.tinh.example/"
    assert rows["sso"]["unit"] == "so-khcn"
    assert "url" not in rows["national-services"]
    assert "level" not in rows["national-services"]


@pytest.mark.usefixtures("province")
def test_an_unknown_unit_is_named(database: Database, engineer: Actor) -> None:
    with (
        database.read() as session,
        pytest.raises(InvalidInputError, match="nowhere"),
    ):
        propose_services(session, engineer, "nowhere", "tinh.example")
    with database.read() as session:
        assert service.list_services(session, engineer).total == 2
