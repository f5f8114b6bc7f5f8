# hatang: `make help` lists what can be done here.
SHELL := /bin/sh
.DELETE_ON_ERROR:

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
PACKAGES := hatang inventory monitors alerts playbooks baselines conference api cli lab bench tests scripts
PYTEST := $(BIN)/python -m pytest
# Where tests with these marks stand: to collect all others takes eight seconds of processor.
TIMED := tests/monitors/hints
LAB := tests/lab tests/playbooks/site tests/playbooks/drivers/test_frr_lockout.py tests/playbooks/drivers/test_linux_lockout.py
ACCEPTANCE := tests/acceptance
export LC_ALL := C.UTF-8
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PYTHONSAFEPATH :=
# Python keeps its bytecode: read anew, the sources cost every process a second.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help env packages demo test check fast format lint types imports full timed tree lab proofs acceptance wheel soak bench bench-snmp lock messages docs clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

env: $(VENV)/.ready $(VENV)/.collections ## build .venv with the hatang and hatang-lab commands, and the pages' libraries

$(VENV)/.ready: requirements/dev.txt pyproject.toml package-lock.json api/web/icons.txt scripts/vendor_assets.py
	@echo "Building the environment (.venv)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' || { echo "hatang needs Python 3.11; set PYTHON=…" >&2; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --quiet --require-hashes -r requirements/dev.txt
	@$(BIN)/pip install --quiet --no-deps --no-build-isolation -e .
	@npm ci --silent --ignore-scripts
	@$(BIN)/python scripts/vendor_assets.py
	@touch $@

# Apart from the rest, so that an environment that stands takes only these 7 MB.
$(VENV)/.collections: requirements/collections.txt playbooks/site/collections.yaml | $(VENV)/.ready
	@set -e; place=$$(mktemp -d); trap 'rm -rf "$$place"' EXIT; \
	$(BIN)/pip download --quiet --no-deps --require-hashes -r requirements/collections.txt -d "$$place"; \
	$(BIN)/hatang playbook collections --from "$$place"/*.whl > /dev/null
	@touch $@

packages:
	@PYTHON=$(PYTHON) scripts/install-packages.sh test

demo: ## bring the lab province up and serve it on 127.0.0.1:8080 (ONCE=1: play the story once and stop)
	@PYTHON=$(PYTHON) scripts/install-packages.sh demo
	@$(MAKE) --no-print-directory env
	@exec $(BIN)/hatang-lab demo $(if $(ONCE),--once,)

test: packages env ## everything CI runs: check, slow tests, lab, acceptance, wheel
	@$(BIN)/python scripts/run_tests.py

check: env format lint types imports fast ## format, lint, types, imports, fast tests

format:
	@$(BIN)/ruff format --check --quiet $(PACKAGES)

lint:
	@$(BIN)/ruff check --quiet $(PACKAGES)

types:
	@$(BIN)/mypy

imports:
	@$(BIN)/lint-imports --no-cache > /dev/null || $(BIN)/lint-imports --no-cache

fast: ## the fast suite, under a minute
	@$(PYTEST) -q -n 2 -m "not slow and not timed and not lab and not browser and not postgresql and not acceptance"

# One more than there are processors: devices and timers are waited for two fifths of the time.
full: ## slow, PostgreSQL and browser tests
	@$(PYTEST) -q -n 3 --dist loadfile -m "(slow or postgresql or browser) and not lab and not acceptance"

timed: ## tests of what is in time, one at a time
	@$(PYTEST) -q -m timed $(TIMED)

tree: ## build the Debian tree of the lab (root), which also holds the tools other tests use
	@if test "$$(id -u)" -eq 0; then $(BIN)/hatang-lab tree; \
	else echo "SKIPPED the Debian tree - Skipped: the lab needs root"; echo "1 skipped"; fi

lab: ## tests on the province in a box (root)
	@$(PYTEST) -q -m "lab and not acceptance" $(LAB)

proofs: ## the "must show" scripts that need no lab, with their sabotages
	@$(PYTEST) -q -n 2 --dist loadfile -m "acceptance and not lab" $(ACCEPTANCE)

acceptance: ## the "must show" scripts on the lab, with their sabotages
	@$(PYTEST) -q -m "acceptance and lab" $(ACCEPTANCE)

wheel: ## build the wheel and run its tests from a copy outside the checkout
	@$(BIN)/python scripts/test_wheel.py

soak: env ## the long proofs; figures go to docs/measurements.md
	@$(PYTEST) -q -m soak

bench: env ## benchmarks, side by side with a peer
	@$(BIN)/python -m bench

bench-snmp: env ## the SNMP engine beside its peers and a client in C (needs cc and libssl-dev)
	@$(BIN)/python -m bench.snmp $(FILE)

lock: ## resolve the requirements anew, with hashes and without addresses
	@scripts/lock.sh

messages: env ## collect user-visible texts and say what Vietnamese still lacks
	@$(BIN)/python scripts/messages.py

docs: env ## write the generated pages of docs/ anew
	@$(BIN)/python scripts/docs.py

clean: ## remove what was built
	@rm -rf $(VENV) node_modules build dist .cache api/web/static/vendor
