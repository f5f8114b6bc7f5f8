"""What netem is told, and what is read back; the real qdisc where the kernel has it."""

from __future__ import annotations

import json
import os
import re
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.errors import LabError
from lab.shell import run
from lab.wires import netem
from lab.wires.queue import Quality


@pytest.mark.parametrize(
    ("quality", "words"),
    [
        (Quality(), "limit 100000"),
        (Quality(delay_seconds=0.04), "limit 100000 delay 40000us"),
        (Quality(delay_seconds=0.04, jitter_seconds=0.005), "limit 100000 delay 40000us 5000us"),
        (Quality(jitter_seconds=0.001), "limit 100000 delay 0us 1000us"),
        (Quality(loss_ratio=0.05), "limit 100000 loss random 5%"),
        (Quality(loss_ratio=0.001), "limit 100000 loss random 0.1%"),
        # 0.2 s of a carrier's buffer and 0.2 s on the way, at 10 Mbit/s in frames of 1500 bytes
        (Quality(delay_seconds=0.2, rate_bps=10e6), "limit 334 delay 200000us rate 10000000bit"),
        (Quality(rate_bps=1000.0), "limit 10 rate 1000bit"),
    ],
)
def test_netem_is_told_the_quality(quality: Quality, words: str) -> None:
    assert " ".join(netem.arguments(quality)) == words


@given(
    st.builds(
        Quality,
        delay_seconds=st.floats(0, 10),
        jitter_seconds=st.floats(0, 10),
        loss_ratio=st.floats(0, 1),
        rate_bps=st.floats(0, 1e11),
    )
)
def test_every_word_is_one_that_tc_reads(quality: Quality) -> None:
    for word in netem.arguments(quality):
        assert re.fullmatch(r"limit|delay|loss|random|rate|\d+|\d+us|\d+bit|[0-9.]+(e-\d+)?%", word)


def test_the_counters_are_those_of_netem_and_no_other_qdisc() -> None:
    rows = [
        {"kind": "clsact", "packets": 9, "bytes": 9, "drops": 9},
        {"kind": "netem", "packets": 81, "bytes": 7938, "drops": 19},
    ]
    counted = netem.parse(json.dumps(rows), "eth1")
    assert counted == {"forwarded": 81, "forwarded_bytes": 7938, "dropped": {"netem": 19}}


@pytest.mark.parametrize("text", ["", "[]", '[{"kind": "noqueue", "packets": 0}]'])
def test_a_port_without_netem_is_never_one_that_dropped_nothing(text: str) -> None:
    with pytest.raises(LabError, match="eth1 has no netem"):
        netem.parse(text, "eth1")


@pytest.mark.lab
def test_the_kernel_takes_what_netem_is_told() -> None:
    if os.geteuid() != 0:
        pytest.skip("the lab needs root")
    if not netem.is_had():
        pytest.skip("this kernel has no netem")
    with subprocess.Popen(["unshare", "--net", "sleep", "60"]) as holder:
        try:
            scope = ["nsenter", "-t", str(holder.pid), "--net"]
            run([*scope, "ip", "link", "set", "lo", "up"])
            quality = Quality(0.01, 0.001, 0.5, 10e6)
            netem.apply(scope, "lo", quality)
            netem.apply(scope, "lo", quality)
            run([*scope, "ping", "-q", "-c", "50", "-i", "0.01", "127.0.0.1"], check=False)
            assert netem.counted(scope, "lo")["dropped"]["netem"] > 0
            netem.remove(scope, "lo")
            with pytest.raises(LabError, match="no netem"):
                netem.counted(scope, "lo")
        finally:
            holder.kill()
