"""A bad file is refused whole: every problem at once, by line, field, value and fix."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from hatang.errors import InvalidInputError, Problem
from inventory import checks, records, service, yamlfile
from inventory.models import Device
from inventory.schemas import SECTIONS
from inventory.snapshot import Snapshot
from tests.inventory.conftest import PROVINCE

if TYPE_CHECKING:
    from pathlib import Path

    from hatang.auth import Actor
    from hatang.db import Database

BAD = """\
version: 1
nits: []
units:
  - {code: u, name: U, kind: province, parent: v}
  - {code: v, name: V, kind: comune, parent: u}
  - {code: w, name: W, kind: commune, parent: w}
sites:
  - {slug: s, name: S, unit: u, kind: hub, lattitude: 3.0}
  - {slug: t, name: T, unit: uu, kind: hub}
  - {slug: t, name: T, unit: u, kind: hub}
devices:
  - {name: a, site: s, role: core, platform: fr, primary_ip4: 10.0.0.1}
  - {name: b, site: t, role: kernel, platform: frr, primary_ip4: 10.0.0.2}
  - {name: c, site: t, role: hub, platform: frr, primary_ip4: 10.0.0.1}
  - {name: d, site: t, role: hub, platform: frr, primary_ip4: 10.0.0.300, serial: 7}
  - {name: "e\\nf", site: t, role: hub, platform: frr}
links:
  - {a: "a:1", b: "c:1"}
  - {a: "a:1", b: "c:2"}
  - {a: "a:3", b: "a:3"}
  - {a: "a:4", b: "x:1"}
circuits:
  - {cid: k, provider: VNPT, a: s, z: t}
"""

EXPECTED = {
    (2, "nits", "unknown key"),
    (5, "kind", "known words"),
    (6, "parent", "own superior"),
    (8, "lattitude", "unknown key"),
    (9, "unit", "names no unit"),
    (10, "slug", "given twice"),
    (12, "platform", "known platform"),
    (13, "role", "known words"),
    (14, "primary_ip4", "already belongs to a"),
    (15, "primary_ip4", "IPv4 address"),
    (15, "serial", "no text"),
    (16, "name", "is no name a machine can have"),
    (19, "a", "already holds the cable"),
    (20, "b", "cable to itself"),
    (21, "b", "names no device"),
    (23, "provider", "names no provider"),
}


def problems_of(text: str) -> list[Problem]:
    """Problems without a database: form, then relations inside the file."""
    try:
        found = records.collect(yamlfile.read(text, "bad.yaml"), "bad.yaml")
    except InvalidInputError as error:
        return list(error.problems)
    return [*found.problems, *checks.check(found, Snapshot())]


def test_every_problem_is_named_once_at_its_line() -> None:
    found = problems_of(BAD)
    for line, field, message in EXPECTED:
        matches = [p for p in found if (p.line, p.field) == (line, field) and message in p.message]
        assert len(matches) == 1, (line, field, message, [str(p) for p in found])
    assert len(found) == len(EXPECTED), [str(p) for p in found]
    assert all(problem.fix and problem.where == "bad.yaml" for problem in found)


def test_a_misspelt_reference_is_answered_with_the_near_one() -> None:
    text = PROVINCE.replace("runs_on: [srv-portal]}", "runs_on: [srv-portl]}")
    (problem,) = problems_of(text)
    assert problem.fix == "Did you mean 'srv-portal'?"


def test_a_cycle_of_units_through_others_is_found() -> None:
    text = (
        "version: 1\nunits:\n"
        "  - {code: a, name: A, kind: unit, parent: b}\n"
        "  - {code: b, name: B, kind: unit, parent: c}\n"
        "  - {code: c, name: C, kind: unit, parent: a}\n"
    )
    assert [problem.line for problem in problems_of(text)] == [3, 4, 5]


def test_a_row_that_is_refused_is_not_blamed_again_where_it_is_named() -> None:
    text = PROVINCE.replace("slug: xa-01-site, name:", "slug: xa-01-site, nam:")
    assert {problem.field for problem in problems_of(text)} == {"nam", "name"}


LOOPBACK = """\
version: 1
units:
  - {code: t, name: T, kind: province}
sites:
  - {slug: dc, name: DC, unit: t, kind: datacentre}
devices:
  - {name: sw-1, site: dc, role: switch, platform: cisco_ios, primary_ip4: 127.0.0.9}
"""


def test_a_device_on_a_loopback_address_is_refused_with_the_way_out(
    sqlite_database: Database, engineer: Actor
) -> None:
    with pytest.raises(InvalidInputError) as caught, sqlite_database.read() as session:
        service.plan_import(session, engineer, LOOPBACK)
    (problem,) = caught.value.problems
    assert (problem.line, problem.field, problem.value) == (7, "primary_ip4", "127.0.0.9")
    assert "lab = true" in problem.fix


def test_the_lab_profile_takes_a_device_on_a_loopback_address(
    sqlite_database: Database, engineer: Actor
) -> None:
    with sqlite_database.write() as session:
        plan = service.plan_import(session, engineer, LOOPBACK, lab=True)
        service.apply_import(session, engineer, plan, "test")
    with sqlite_database.read() as session:
        assert session.scalar(select(Device.primary_ip4)) == "127.0.0.9"


def test_nothing_of_a_bad_file_is_written(sqlite_database: Database, engineer: Actor) -> None:
    with pytest.raises(InvalidInputError), sqlite_database.write() as session:
        service.plan_import(session, engineer, BAD)
    with sqlite_database.read() as session:
        assert session.scalar(select(func.count()).select_from(Device)) == 0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is no mapping"),
        ("[]", "is no mapping"),
        ("version: 2", "not a version"),
        ("version: true", "not a version"),
        ("version: 1\ndevices: {}", "is no list"),
        ("version: 1\ndevices: [x]", "dictionary"),
        ("version: 1\nunits: [", "is no YAML"),
        ("version: 1\nversion: 1", "given twice"),
        ("version: 1\n---\nversion: 1", "second document"),
        ("version: !!python/object:os.system 1", "is a tag"),
        ("version: *a", "names no anchor"),
        ("version: " + "[" * 100_000, "nests too deep"),
        ("version: [&a 1, " + "*a, " * 200 + "]", "too many aliases"),
        ("version: 1\nunits: &a [*a]", "what it stands in"),
        ("version: 1\n? [a]\n: b", "key is no text"),
        ("version: '\x00'", "is no YAML"),
    ],
)
def test_a_file_of_the_wrong_form_is_refused(text: str, message: str) -> None:
    assert any(message in problem.message for problem in problems_of(text))


def test_a_bomb_of_aliases_does_not_grow() -> None:
    layers = "".join(f"l{i}: &l{i} [{', '.join([f'*l{i - 1}'] * 9)}]\n" for i in range(1, 9))
    assert problems_of(f"version: 1\nl0: &l0 [a]\n{layers}units: *l8\n")


def test_a_file_in_another_encoding_is_named(tmp_path: Path, engineer: Actor) -> None:
    path = tmp_path / "old.yaml"
    path.write_bytes("version: 1 # Huế".encode("utf-16"))
    with pytest.raises(InvalidInputError, match="UTF-8"):
        service.plan_import(None, engineer, path)  # type: ignore[arg-type] # refused before use


def test_decomposed_vietnamese_is_stored_composed() -> None:
    decomposed = "Hu\u0065\u0302\u0301"
    tree = yamlfile.read(f"name: {decomposed}", "a.yaml")
    assert tree.root == {"name": "Huế"}


@pytest.mark.parametrize(
    ("text", "value"),
    [("no", "no"), ("012", "012"), ("1e3", "1e3"), ("12", 12), ("1.5", 1.5), ("~", None)],
)
def test_scalars_stay_what_they_look_like(text: str, value: object) -> None:
    assert yamlfile.read(f"a: {text}", "a.yaml").root == {"a": value}


@given(st.text(max_size=200))
def test_no_text_breaks_the_reader(text: str) -> None:
    problems_of(text)


_values = st.recursive(
    st.none() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["name", "code", "kind", "a", "x"]), inner, max_size=3)
    ),
    max_leaves=8,
)
_documents = st.dictionaries(
    st.sampled_from(["version", *SECTIONS]), st.lists(_values, max_size=3) | _values, max_size=4
).map(lambda sections: {**sections, "version": 1})


@given(_documents)
def test_no_structure_breaks_the_checks(document: object) -> None:
    found = records.collect(yamlfile.Tree(document), "any.yaml")
    checks.check(found, Snapshot())
