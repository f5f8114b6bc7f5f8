"""A file of what devices said: each line's platform, or every wrong line at once."""

from __future__ import annotations

import pytest

from hatang.errors import InvalidInputError
from inventory.discovery.saying import Recognised, recognise_lines


def test_each_line_has_its_platform_and_an_unknown_device_has_none() -> None:
    text = (
        '{"sysObjectID": ".1.3.6.1.4.1.6574.1", "sysDescr": ""}\n\n'
        '{"sysObjectID": "1.3.6.1.4.1.99999999", "sysDescr": "nobody"}\n'
    )
    assert recognise_lines(text, "said.jsonl") == [
        Recognised(1, "synology_dsm"),
        Recognised(3, None),
    ]


def test_every_line_that_is_no_device_is_told() -> None:
    with pytest.raises(InvalidInputError) as caught:
        recognise_lines('{"sysDescr": ""}\n[]\nx\n', "said.jsonl")
    assert [problem.line for problem in caught.value.problems] == [1, 2, 3]
