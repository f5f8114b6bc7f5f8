"""A secret in a text is in nothing that a device says of the text."""

from __future__ import annotations

import pytest

from inventory import platforms
from playbooks.changes.masking import masked

TEXT = "hostname r1\nsnmp-server community S3cretWord ro\n"


@pytest.mark.parametrize(
    "said",
    [
        "snmp-server community S3cretWord ro",
        "% Invalid input: 'snmp-server community S3cretWord ro' at line 2",
        "unknown word 'S3cretWord'",
    ],
)
def test_a_refusal_tells_no_secret(said: str) -> None:
    told = masked(platforms.get("cisco_ios"), said, TEXT)
    assert "S3cretWord" not in told
    assert "<redacted>" in told


def test_a_refusal_without_a_secret_is_told_whole() -> None:
    said = "% Invalid input: hostname r1"
    assert masked(platforms.get("cisco_ios"), said, TEXT) == said
