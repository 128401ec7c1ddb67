# Every target sets up what it needs first; a second call starts at once.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

VENV ?= .venv
LOCK ?= requirements.lock
DATA ?= data
BIN := $(abspath $(VENV))/bin
SAMPLE := $(DATA)/sample
CLIENT_LOCKS := $(wildcard requirements-clients-*.lock)
PYTEST := $(BIN)/python -m pytest
# Two workers: one file of tests is one unit of work, so that costly fixtures are made once; tests/conftest.py says
# which files begin.
PARALLEL := -n 2 --dist loadfile --no-loadscope-reorder
ACCEPTANCE_DATA := ../shared/data
CONTRACTS ?= tests/contracts

.PHONY: help setup clients run ui test contracts acceptance soak check bench lock generate clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup:
	@.ci/setup venv $(VENV) $(LOCK)

clients: setup
	@VENV=$(VENV) .ci/setup clients $(CLIENT_LOCKS)

run: setup ## make the sample company's exports and run the pipeline on them
	@$(BIN)/ops-summary sample $(SAMPLE)
	@code=0; $(BIN)/ops-summary run --sources $(SAMPLE)/sources.yml --data-dir $(DATA) || code=$$?; \
	case $$code in \
	  0) echo "The pipeline ended with 0: all is well." ;; \
	  3) echo "The pipeline ended with 3: done and published, but a delivery failed a critical check or a source is stale." ;; \
	  *) echo "The pipeline ended with $$code: see above." >&2; exit $$code ;; \
	esac; \
	echo "Summary: $(DATA)/reports/"; \
	echo "Tables:  $(DATA)/published/ops.duckdb (schemas marts, kpis, analysis, report, ops)"

ui: setup ## the Dagster UI on localhost, the sample already materialized
	@[ -e $(DATA)/published/ops.duckdb ] || $(MAKE) run
	@DAGSTER_HOME=$(abspath $(DATA)/dagster) \
	OPS_SUMMARY_SOURCES=$${OPS_SUMMARY_SOURCES:-$(abspath $(SAMPLE)/sources.yml)} \
	OPS_SUMMARY_DATA_DIR=$(abspath $(DATA)) \
	$(BIN)/dagster dev -h 127.0.0.1 -w workspace.yaml

test: clients ## every tier but acceptance
	@$(PYTEST) $(PARALLEL) tests/unit tests/contracts tests/pipeline tests/architecture

contracts: clients ## the contract tier alone
	@$(PYTEST) $(PARALLEL) $(CONTRACTS)

acceptance: setup ## real exports in ../shared/data against their published answers
	@[ -d $(ACCEPTANCE_DATA) ] || { \
	  echo "acceptance: the real exports are not at $(ACCEPTANCE_DATA); put them there, beside this checkout" >&2; exit 1; }
	@$(PYTEST) $(PARALLEL) tests/acceptance

soak: setup ## property tests on ten times as many examples, new each time; runs killed at 100 random moments (SOAK_ROUNDS, SOAK_SEED)
	@$(PYTEST) $(PARALLEL) -m hypothesis --hypothesis-profile=search tests/unit tests/contracts
	@$(PYTEST) -n 2 --dist worksteal tests/soak

check: setup ## lint, format, types, generated files, locks
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/python -m pipeline.generate --check
	@$(BIN)/python .ci/check_locks.py

generate: setup ## write every generated file anew
	@$(BIN)/python -m pipeline.generate

bench: setup ## what a run costs beside a bare dbt build, and what history adds to it (BENCH_EVENTS=20000000, BENCH_ROUNDS)
	@$(BIN)/python -m benchmarks.run
	@$(BIN)/python -m benchmarks.history

lock: ## make every lock file anew (needs uv; UPGRADE=--upgrade takes newer versions)
	@.ci/lock $(UPGRADE)

clean: ## remove caches; data/ and the environments stay
	@rm -rf .mypy_cache .pytest_cache .ruff_cache .hypothesis dbt_project/target dbt_project/logs
	@find . -name __pycache__ -not -path './.venv*' -prune -exec rm -rf {} +
