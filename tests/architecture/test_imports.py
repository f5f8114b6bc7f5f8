"""Who may import whom, checked by import-linter, and no cycle between our modules."""

from __future__ import annotations

import grimp
import importlinter.cli
import pytest

from tests.architecture.source import PACKAGES, ROOT


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph(*[p for p in PACKAGES if p != "bench"], cache_dir=None)


def test_contracts_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    status = importlinter.cli.lint_imports(
        config_filename=str(ROOT / "pyproject.toml"), no_cache=True
    )
    assert status == importlinter.cli.EXIT_STATUS_SUCCESS


def test_no_module_imports_itself_around_a_corner(graph: grimp.ImportGraph) -> None:
    offenders = sorted(
        name
        for name in graph.modules
        if any(
            graph.find_shortest_chain(importer=imported, imported=name)
            for imported in graph.find_modules_directly_imported_by(name)
            if not name.startswith(f"{imported}.")
        )
    )
    assert not offenders
