"""10,000 echo requests, 30 % of them to addresses that stay silent, as the poll loop sends them.

Runs in a network namespace of its own: 127.0.0.0/9 answers, what goes to 127.128.0.0/9 is dropped.
Every address is asked by a call of its own, all at once: the worst moment a poll loop can have.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import sys
import time

from hatang.drivers.icmp import IcmpPinger

ADDRESSES = 10_000
DEAD_SHARE = 0.3
TIMEOUT_SECONDS = 2.0
ROUNDS = 3
_PREPARE = """
set -e
ip link set lo up
nft add table ip hatang
nft add chain ip hatang input '{ type filter hook input priority 0; }'
nft add rule ip hatang input ip daddr 127.128.0.0/9 drop
exec "$@"
"""


def addresses() -> list[str]:
    """Return the addresses, the silent ones spread among the others."""
    found = []
    for number in range(ADDRESSES):
        net = 128 if number % 10 < DEAD_SHARE * 10 else 0
        found.append(f"127.{net}.{1 + number // 250}.{1 + number % 250}")
    return found


async def measure() -> dict[str, float]:
    """Ping all of them, and say what came back and what it took."""
    pinger, asked = IcmpPinger(), addresses()
    started, spent = time.perf_counter(), time.process_time()
    calls = (pinger.ping([one], count=1, timeout_seconds=TIMEOUT_SECONDS) for one in asked)
    results = [result for part in await asyncio.gather(*calls) for result in part.values()]
    return {
        "seconds": time.perf_counter() - started,
        "cpu_seconds": time.process_time() - spent,
        "answered": sum(result.received for result in results),
        "slowest_ms": max(result.rtt_seconds or 0 for result in results) * 1e3,
    }


def run() -> list[str]:
    """Return the result as lines; without namespaces there is none."""
    if not all(map(shutil.which, ("unshare", "nft", "ip"))):
        return ["icmp: SKIPPED, needs unshare, ip and nft"]
    command = ["unshare", "--map-root-user", "--net", "sh", "-c", _PREPARE, "sh"]
    command += [sys.executable, "-m", "bench.icmp"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        return [f"icmp: SKIPPED, no namespace: {done.stderr.strip().splitlines()[-1:]}"]
    rounds = [json.loads(line) for line in done.stdout.splitlines()]
    middle = sorted(rounds, key=lambda each: each["cpu_seconds"])[len(rounds) // 2]
    return [
        f"icmp: {ADDRESSES} addresses at once, {DEAD_SHARE:.0%} silent, one echo each, "
        f"timeout {TIMEOUT_SECONDS:g} s, median of {ROUNDS}",
        f"  answered {middle['answered']:.0f} in {middle['seconds']:.2f} s wall, "
        f"{middle['cpu_seconds']:.2f} s CPU "
        f"({middle['cpu_seconds'] / ADDRESSES * 1e3:.3f} ms an address)",
        f"  slowest reply {middle['slowest_ms']:.2f} ms, by the kernel's time stamps",
        "  limit: one task and one call of sendto an address",
    ]


if __name__ == "__main__":
    for _ in range(ROUNDS):
        sys.stdout.write(json.dumps(asyncio.run(measure())) + "\n")
