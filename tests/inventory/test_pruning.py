"""Pruning removes nothing that a file only fails to tell, and nothing that is still named."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import yaml

from hatang.errors import InvalidInputError
from inventory import service
from inventory.choices import ElementKind
from inventory.planning import Prune, Ref, Terms
from tests.inventory.conftest import PROVINCE

if TYPE_CHECKING:
    from hatang.auth import Actor
    from hatang.db import Database
    from inventory.planning import ImportPlan

K = ElementKind


def planned(database: Database, actor: Actor, text: str, terms: Terms) -> ImportPlan:
    with database.read() as session:
        return service.plan_import(session, actor, text, "pruned.yaml", terms=terms)


@pytest.mark.usefixtures("province")
def test_a_file_with_a_faulty_row_prunes_nothing(database: Database, engineer: Actor) -> None:
    text = PROVINCE.replace("primary_ip4: 10.250.1.2", "primary_ip4: no-address")
    terms = Terms(frozenset({Ref(K.UNIT, "tinh")}), Prune("tinh", frozenset({K.DEVICE})))
    with pytest.raises(InvalidInputError) as caught:
        planned(database, engineer, text, terms)
    assert [problem.value for problem in caught.value.problems] == ["no-address"]


@pytest.mark.usefixtures("province")
def test_a_row_that_is_not_taken_still_needs_what_it_names(
    database: Database, engineer: Actor
) -> None:
    document = yaml.safe_load(PROVINCE)
    (server,) = (one for one in document["devices"] if one["name"] == "srv-portal")
    server.update(name="srv-2", primary_ip4="10.250.9.99")
    for service_ in document["services"]:
        service_["runs_on"] = ["srv-2"]
    for section in ("bridges", "registrars"):
        for row in document[section]:
            row["device"] = "srv-2"
    text = yaml.safe_dump(document)
    terms = Terms(frozenset({K.DEVICE}), Prune("tinh", frozenset({K.DEVICE})))
    with pytest.raises(InvalidInputError) as caught:
        planned(database, engineer, text, terms)
    found = [str(problem) for problem in caught.value.problems]
    assert any("is still the runs_on of service dns" in one for one in found)
