"""One lab and one hatang on it for all proofs; a second hatang, blinded, for their sabotages."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from tests.acceptance.debian import ALERTMANAGER
from tests.acceptance.doors import hatang_lab
from tests.acceptance.installation import Installation, initialised
from tests.acceptance.province import Province
from tests.acceptance.receiver import Receiver, receiving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PREFIX = "10.252.0.0/16"
RUNNING = "HATANG_TEST_LAB"  # the state directory of a lab to use and to leave running
MISSING_DEVICE = "core-2"


# What needs no lab first; what disturbs the province last, but for the hunt through all it left.
ORDER = ("audit_chain", "alertmanager_api", "alertmanager_clients", "bad_input", "device_types",
         "legacy_ssh", "playbook_resume", "playbook_schedule", "database_crash", "baselines",
         "drift", "pseudonyms", "audited_lab", "rules", "recognition", "office", "night",
         "conference", "before_meeting", "notification", "discovery",
         "points", "contract", "workbooks", "exporter",
         "exposition", "agreement", "profiles", "same_devices", "unsafe", "counters",
         "fail_open", "meeting", "outage", "relapse", "power", "storm", "kill", "rollout", "story",
         "pages", "demo", "canary")  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the scripts in order."""
    items.sort(key=lambda item: ORDER.index(item.path.stem[5:]) if _is_ours(item) else -1)


def _is_ours(item: pytest.Item) -> bool:
    return Path(__file__).parent in item.path.parents


BLIND: list[Installation] = []


def pytest_runtest_teardown(item: pytest.Item) -> None:
    """Stop the blinded hatang when nobody asks for it any more: it would poll to the end."""
    items = item.session.items
    left = items[items.index(item) + 1 :] if BLIND else []
    if BLIND and not any("blind" in getattr(each, "fixturenames", ()) for each in left):
        BLIND.pop().stop()


FIGURES: list[str] = []


@pytest.fixture
def figures(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Tell a measured figure; all of them stand at the end of the run."""
    return lambda text: FIGURES.append(f"{request.node.name}: {text}")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show what was measured."""
    if FIGURES:
        terminalreporter.section("figures")
        for line in FIGURES:
            terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def province(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Province]:
    """The running lab, whole: three hubs, twelve communes."""
    if os.geteuid() != 0:
        pytest.skip("the lab needs root")
    folder = tmp_path_factory.mktemp("seed")
    if RUNNING in os.environ:
        found = Province(Path(os.environ[RUNNING]), folder)
        found.seed()
        yield found
        return
    if hatang_lab("status").status == 0:
        pytest.skip("another lab is up on this machine")
    state = tmp_path_factory.mktemp("lab")
    try:
        words = ("--prefix", PREFIX, "--state", str(state))
        hatang_lab("up", *words, seconds=600).good()
        found = Province(state, folder)
        found.seed()
        yield found
    finally:
        hatang_lab("down", "--purge").good()


@pytest.fixture(scope="session")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Receiver]:
    """The webhook receiver of the hatang under proof."""
    with receiving(tmp_path_factory.mktemp("pages") / "pages.jsonl") as receiver:
        yield receiver


@pytest.fixture(scope="session")
def blind_pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Receiver]:
    """The webhook receiver of the blinded hatang."""
    with receiving(tmp_path_factory.mktemp("blind-pages") / "pages.jsonl") as receiver:
        yield receiver


@pytest.fixture(scope="session")
def hatang(
    province: Province, pages: Receiver, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    """The hatang under proof: knows the whole lab, pages by webhook and mail."""
    made = Installation(tmp_path_factory.mktemp("hatang"))
    mail = str(province.devices["srv-mail"].address)
    made.configure(
        f"{programs(made, province)}\n"
        f'alertmanager.webhooks = [{{name = "noc", url = "{pages.url}"}}]\n'
        f'alertmanager.mail = {{smarthost = "{mail}:25", from = "hatang@tinh.test", '
        'to = ["noc@tinh.test"], require_tls = false}'
    )
    yield from running(made, province, province.inventory)


@pytest.fixture(scope="session")
def blind(
    province: Province, blind_pages: Receiver, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    """The sabotaged hatang: its inventory lacks every cable and one router."""
    made = Installation(tmp_path_factory.mktemp("blind"))
    webhook = f'[{{name = "noc", url = "{blind_pages.url}"}}]'
    made.configure(f"{programs(made, province)}\nalertmanager.webhooks = {webhook}")
    inventory = made.folder / "blind.yaml"
    inventory.write_text(blinded(province), encoding="utf-8")
    for running_one in running(made, province, inventory):
        BLIND.append(running_one)
        yield running_one


@pytest.fixture(scope="module")
def patient(
    province: Province, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Installation, Receiver]]:
    """A hatang that polls every 30 s, as it does unless told otherwise, and who it pages."""
    with receiving(tmp_path_factory.mktemp("patient-pages") / "pages.jsonl") as receiver:
        made = Installation(tmp_path_factory.mktemp("patient"), period_seconds=30)
        webhook = f'[{{name = "noc", url = "{receiver.url}"}}]'
        made.configure(f"{programs(made, province)}\nalertmanager.webhooks = {webhook}")
        for running_one in running(made, province, province.inventory):
            yield running_one, receiver


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """A hatang that was initialised and knows nothing; it is not running."""
    return initialised(tmp_path_factory.mktemp("fresh"))


def programs(made: Installation, province: Province) -> str:
    """Return the settings that name Prometheus and Alertmanager of the lab's Debian tree."""
    made.folder.mkdir(exist_ok=True)
    wrapper = made.folder / "alertmanager"
    wrapper.write_text(ALERTMANAGER.format(tree=province.facts["tree"]))
    wrapper.chmod(0o755)
    return f'prometheus.binary = "{province.tool("prometheus")}"\nalertmanager.binary = "{wrapper}"'


def blinded(province: Province) -> str:
    """Return the lab's inventory without cables and without one router."""
    rows = province.seeded
    devices = [row for row in rows["devices"] if row["name"] != MISSING_DEVICE]
    kept = {key: value for key, value in rows.items() if key not in {"links", "circuits"}}
    return yaml.safe_dump({**kept, "devices": devices}, allow_unicode=True, sort_keys=False)


def running(made: Installation, province: Province, inventory: Path) -> Iterator[Installation]:
    """Yield the installation while it runs with this inventory."""
    try:
        made.start()
        made.people()
        made.load(province, inventory)
        yield made
    finally:
        made.stop()
