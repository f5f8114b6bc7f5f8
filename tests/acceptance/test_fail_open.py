"""When hatang stops thinking, raw pages still reach people; when it stops measuring, that too.

The short form takes the configuration and rules that hatang wrote for Alertmanager and Prometheus,
and runs them in the real programs with only the long waits cut. The long form stops the processes
of a running hatang.
"""

from __future__ import annotations

import signal
import time
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.acceptance.alertmanager import alertmanager, shortened
from tests.acceptance.doors import run
from tests.acceptance.receiver import Receiver, receiving
from tests.acceptance.red import eventually, hold, turns_red

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.acceptance.installation import Installation
    from tests.acceptance.province import Province

pytestmark = [pytest.mark.acceptance, pytest.mark.lab]

RAW = {"alertname": "DeviceUnreachable", "device": "hub-2", "severity": "critical"}
RAW_SECONDS = 240.0
QUIET_SECONDS = 390.0  # Prometheus forgets a series after five minutes, then a group interval
RULE_TEST = """
rule_files: ["{rules}"]
evaluation_interval: 15s
tests:
  - interval: 15s
    input_series:
      - {{series: 'up{{job="hatang-monitor", instance="m"}}', values: '0x30'}}
    promql_expr_test:
      - eval_time: 4m
        expr: count(ALERTS{{alertname="HatangMonitorsDown", alertstate="firing", class="hatang"}})
        exp_samples: [{{labels: '{{}}', value: 1}}]
"""


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[Receiver]:
    with receiving(tmp_path / "pages.jsonl") as found:
        yield found


@pytest.fixture
def written(hatang: Installation, receiver: Receiver) -> dict[str, Any]:
    """What hatang wrote for Alertmanager, with short waits."""
    text = (hatang.data_dir / "run" / "alertmanager.yml").read_text(encoding="utf-8")
    return shortened(text, receiver.url)


def program(hatang: Installation) -> str:
    return str(hatang.folder / "alertmanager")


def check_raw_page_waits_for_the_heartbeat(
    program: str, folder: Path, configuration: dict[str, Any], receiver: Receiver
) -> None:
    """While the heartbeat lives the raw alert pages nobody; when it lapses the page arrives."""
    with alertmanager(program, folder, configuration) as running:
        beats = 6
        for _ in range(beats):  # 6 s: twice the raw route's wait
            running.post(4, alertname="HatangHeartbeat", severity="none")
            running.post(120, **RAW)
            time.sleep(1)
        hold(not receiver.notifications(), "a raw page came though hatang lives")
        arrived = eventually(lambda: bool(receiver.naming("hub-2", "firing")), 20)
        hold(arrived, "no raw page came though hatang's heartbeat stopped")


def check_routes(amtool: str, file: Path) -> None:
    """Raw alerts, incidents and alerts about hatang all end at people, the heartbeat at nobody."""
    expected = {
        "alertname=DeviceUnreachable": "people",
        "correlated=true": "people",
        "class=hatang": "people",
        "severity=none": "nobody",
    }
    for label, receiver in expected.items():
        words = [amtool, "config", "routes", "test", f"--config.file={file}", label]
        found = run(words).good().out.strip()
        hold(found == receiver, f"{label} ends at {found}, not {receiver}")


def check_silent_monitors_alert(promtool: str, folder: Path, rules: str) -> None:
    """By Prometheus' own rule test, a monitor that answers no scrape becomes an alert."""
    file = folder / "silent.yml"
    file.write_text(RULE_TEST.format(rules=rules))
    answer = run([promtool, "test", "rules", str(file)])
    hold(answer.status == 0, answer.out + answer.err)


def test_raw_alerts_page_only_when_the_heartbeat_stops(
    hatang: Installation, tmp_path: Path, written: dict[str, Any], receiver: Receiver
) -> None:
    folder = tmp_path / "alertmanager"
    check_raw_page_waits_for_the_heartbeat(program(hatang), folder, written, receiver)


def test_sabotage_without_the_inhibition_raw_pages_come_at_once(
    hatang: Installation, tmp_path: Path, written: dict[str, Any], receiver: Receiver
) -> None:
    broken = {**written, "inhibit_rules": []}
    folder = tmp_path / "alertmanager"
    with turns_red():
        check_raw_page_waits_for_the_heartbeat(program(hatang), folder, broken, receiver)


def test_every_alert_has_a_way_to_people(hatang: Installation, province: Province) -> None:
    check_routes(province.tool("amtool"), hatang.data_dir / "run" / "alertmanager.yml")


def test_sabotage_raw_alerts_led_to_nobody(
    province: Province, tmp_path: Path, written: dict[str, Any]
) -> None:
    file = tmp_path / "alertmanager.yml"
    file.write_text(
        yaml.safe_dump({**written, "route": {**written["route"], "receiver": "nobody"}})
    )
    with turns_red():
        check_routes(province.tool("amtool"), file)


def test_silent_monitors_become_an_alert(
    hatang: Installation, province: Province, tmp_path: Path
) -> None:
    check_silent_monitors_alert(province.tool("promtool"), tmp_path, own_rules(hatang))


def test_sabotage_the_rules_about_hatang_are_gone(province: Province, tmp_path: Path) -> None:
    with turns_red():
        check_silent_monitors_alert(province.tool("promtool"), tmp_path, "/dev/null")


def own_rules(hatang: Installation) -> str:
    """Return the rules about hatang itself that its Prometheus was told to read."""
    written = yaml.safe_load((hatang.data_dir / "run" / "prometheus.yml").read_text("utf-8"))
    return str(written["rule_files"][0]).replace("*", "hatang")


def check_still_pages(pages: Receiver, word: str, seconds: float) -> float:
    """Return after how many seconds a page with the word came."""
    started = time.monotonic()
    arrived = eventually(lambda: bool(pages.naming(word, "firing")), seconds)
    hold(arrived, f"no page with {word} within {seconds:.0f} s")
    return time.monotonic() - started


def check_nothing_recovered(pages: Receiver) -> None:
    """Nobody was told that something is over."""
    told = [page["groupLabels"] for page in pages.notifications("resolved")]
    hold(not told, f"recoveries of what is still broken: {told}")


@pytest.mark.soak
def test_stopped_processes_still_page_at_default_periods(
    patient: tuple[Installation, Receiver],
    province: Province,
    figures: Callable[[str], None],
) -> None:
    hatang, pages = patient
    stopped = ["api", "worker"]
    try:
        for name in stopped:
            hatang.tell(name, signal.SIGSTOP)
        province.command("break", "hub-1")
        seconds = check_still_pages(pages, "hub-1", RAW_SECONDS)
        figures(f"raw page {seconds:.0f} s after the break, api and worker stopped, polls of 30 s")
        hatang.tell("monitor", signal.SIGSTOP)
        stopped.append("monitor")
        seconds = check_still_pages(pages, "HatangMonitorsDown", RAW_SECONDS)
        figures(f"page about the monitors {seconds:.0f} s after they stopped too")
        time.sleep(max(0.0, QUIET_SECONDS - seconds))
        check_nothing_recovered(pages)
        figures(f"no recovery within {QUIET_SECONDS:.0f} s of the monitors' stop")
    finally:
        for name in stopped:
            hatang.tell(name, signal.SIGCONT)
        province.command("heal", "hub-1")


@pytest.mark.soak
def test_sabotage_a_recovery_of_what_is_still_broken(
    patient: tuple[Installation, Receiver],
) -> None:
    _, pages = patient
    reached = eventually(lambda: bool(pages.notifications("resolved")), RAW_SECONDS)
    assert reached, "nobody was told that the healed hub is back"
    with turns_red():
        check_nothing_recovered(pages)


@pytest.mark.soak
def test_sabotage_a_healthy_hatang_pages_nothing_raw(
    patient: tuple[Installation, Receiver],
) -> None:
    with turns_red():
        check_still_pages(patient[1], "no-such-hub", 20)
