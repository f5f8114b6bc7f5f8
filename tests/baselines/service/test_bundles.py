"""A bundle proves itself: whole and signed, or refused with what was changed."""

from __future__ import annotations

import io
import json
import subprocess
import zipfile
from typing import TYPE_CHECKING

import pytest

from baselines import bundles, service
from hatang import signing
from hatang.auth import Actor, Role
from hatang.errors import DeniedError
from tests.playbooks.records import SYSTEM, device, keep

if TYPE_CHECKING:
    from pathlib import Path

    from hatang.db import Database

pytestmark = pytest.mark.slow
PRIVATE, PUBLIC = signing.generate()
KEY = signing.fingerprint(PUBLIC)
TEXT = "hostname sw1\nsnmp-server community s3cr3t RO\nlogging host 10.0.0.9\nend\n"


@pytest.fixture
def data(sqlite_database: Database) -> bytes:
    with sqlite_database.write() as session:
        switch = device(session, "sw1", "cisco_ios")
    keep(sqlite_database, switch, TEXT)
    service.audit_device(sqlite_database, SYSTEM, "sw1")
    with sqlite_database.write() as session:
        return service.bundle(session, SYSTEM, PRIVATE)


def files(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as bundle:
        return {name: bundle.read(name) for name in bundle.namelist()}


def packed(content: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as bundle:
        for name, each in content.items():
            bundle.writestr(name, each)
    return stream.getvalue()


def test_a_bundle_is_whole_and_names_its_key(data: bytes) -> None:
    assert service.verify_bundle(data, KEY) == (KEY, [])


def test_a_bundle_of_another_key_is_refused(data: bytes) -> None:
    assert service.verify_bundle(data, "0" * 64)[1]


def test_one_byte_changed_in_any_file_is_found(data: bytes) -> None:
    for name, content in files(data).items():
        broken = files(data) | {name: bytes([content[0] ^ 1]) + content[1:]}
        assert service.verify_bundle(packed(broken), KEY)[1], name


def test_a_file_added_or_taken_away_is_named(data: bytes) -> None:
    more = packed(files(data) | {"extra.txt": b"x"})
    less = packed({name: each for name, each in files(data).items() if name != "score.json"})
    assert [one.where for one in service.verify_bundle(more)[1]] == ["extra.txt"]
    assert [one.where for one in service.verify_bundle(less)[1]] == ["score.json"]


def test_any_byte_of_the_file_changed_never_passes_as_another_content(data: bytes) -> None:
    wanted = files(data)
    for at in range(0, len(data), max(1, len(data) // 60)):
        broken = data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :]
        key, problems = service.verify_bundle(broken, KEY)
        assert problems or (key == KEY and files(broken) == wanted)


def test_an_excerpt_that_does_not_stand_in_the_text_is_refused_even_when_signed(
    data: bytes,
) -> None:
    content = {
        name: each
        for name, each in files(data).items()
        if name not in (bundles.SUMS, bundles.SIGNATURE, bundles.KEY, bundles.README)
    }
    findings = json.loads(content[bundles.FINDINGS])
    cited = next(one for one in findings if one["evidence"]["excerpt"])
    cited["evidence"]["excerpt"][0][1] = "something else"
    content[bundles.FINDINGS] = json.dumps(findings).encode()
    _key, problems = service.verify_bundle(bundles.pack(content, PRIVATE), KEY)
    assert [one.field for one in problems] == ["excerpt"]


def test_the_command_the_bundle_explains_verifies_it_without_hatang(
    data: bytes, tmp_path: Path
) -> None:
    with zipfile.ZipFile(io.BytesIO(data)) as bundle:
        bundle.extractall(tmp_path)
    assert bundles.COMMAND in (tmp_path / bundles.README).read_text("utf-8")
    run = subprocess.run(
        ["sh", "-c", bundles.COMMAND], cwd=tmp_path, capture_output=True, check=False
    )
    assert run.returncode == 0, run.stderr
    findings = tmp_path / bundles.FINDINGS
    findings.write_bytes(findings.read_bytes().replace(b"fail", b"pass", 1))
    again = subprocess.run(
        ["sh", "-c", bundles.COMMAND], cwd=tmp_path, capture_output=True, check=False
    )
    assert again.returncode != 0


def test_no_bundle_carries_a_secret(data: bytes) -> None:
    assert not [name for name, each in files(data).items() if b"s3cr3t" in each]


def test_equal_contents_give_equal_bytes() -> None:
    content = {bundles.FINDINGS: b"[]"}
    assert bundles.pack(content, PRIVATE) == bundles.pack(content, PRIVATE)


@pytest.mark.parametrize("data", [b"", b"PK", b"no zip at all", b"PK\x05\x06" + b"\0" * 18])
def test_what_is_no_bundle_is_refused(data: bytes) -> None:
    assert service.verify_bundle(data)[1]


def test_who_may_not_read_configurations_gets_no_bundle(sqlite_database: Database) -> None:
    viewer = Actor(1, "viewer", frozenset({Role.VIEWER}), None)
    with pytest.raises(DeniedError), sqlite_database.write() as session:
        service.bundle(session, viewer, PRIVATE)
