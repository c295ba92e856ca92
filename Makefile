# Everything that is done with Data³; `make` lists it.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
TASKS ?= 100000
# a process for each core; tests/conftest.py says which tests stay together
PARALLEL ?= --numprocesses=auto --maxprocesses=4 --no-loadscope-reorder

help:  ## List what can be done
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.venv/.runtime: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; say which one with: make PYTHON=python3.12"; exit 1; }
	@echo "Creating the environment (.venv) from requirements.lock ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.development: requirements-dev.lock .venv/.runtime
	@echo "Adding the tools for development ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-dev.lock
	@touch $@

.PHONY: help install refresh serve reports test test-all proofs lint shots bench docs lock clean

install: .venv/.runtime  ## Prepare a checkout that its users cannot write to (docs/operations.md)
	@$(BIN)/python -c 'from pathlib import Path; from ddd.vega import write_vega; write_vega(Path("www"))'

refresh: .venv/.runtime  ## Fetch, build and publish the figures (simulated ones when no server is configured)
	@$(BIN)/dddcli refresh

serve: .venv/.runtime  ## Serve the dashboards on this machine
	@$(BIN)/dddcli serve

reports: .venv/.runtime  ## Write the report: artifacts/report.html, and the site artifacts/report/ (needs Node)
	@$(BIN)/dddcli report --format html
	@$(BIN)/dddcli report

test: .venv/.development  ## Run the tests that need no more than ten minutes
	@$(BIN)/pytest -m "not slow and not proof" $(PARALLEL)

test-all: .venv/.development  ## Run all tests, the slow ones too
	@$(BIN)/pytest -m "not proof" $(PARALLEL)

proofs: .venv/.development  ## Run what takes too long for CI: fifty kills, full disks, 24 growing builds, the whole report
	@$(BIN)/pytest -m proof $(PARALLEL)

lint: .venv/.development  ## Check style and types: ruff, mypy, sqlfluff, dbt parse
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .
	@$(BIN)/mypy
	@cd dbt_project && DBT_SEND_ANONYMOUS_USAGE_STATS=false ../$(BIN)/dbt --warn-error parse --profiles-dir . --quiet
	@$(BIN)/sqlfluff lint --disable-progress-bar dbt_project/models dbt_project/tests

shots: .venv/.development  ## Take screenshots of every page into artifacts/shots
	@$(BIN)/python tests/www/shots.py

bench: .venv/.development  ## Measure extraction, models (TASKS=100000) and pages, and write it into docs/benchmarks.md
	@PYTHONPATH=tests $(BIN)/python -m bench
	@PYTHONPATH=tests $(BIN)/python -m bench.models --tasks $(TASKS)
	@PYTHONPATH=tests $(BIN)/python -m bench.pages

docs: .venv/.runtime  ## Build the browsable dbt documentation into artifacts/dbt-docs
	@$(BIN)/dddcli docs

lock: .venv/.development  ## Renew the pinned versions in requirements*.lock
	@$(BIN)/uv pip compile -q --universal --python-version 3.11 pyproject.toml --extra build --extra dev \
		--generate-hashes --no-emit-index-url --no-header --no-annotate -o requirements-dev.lock --upgrade
	@$(BIN)/uv pip compile -q --universal --python-version 3.11 pyproject.toml --extra build -c requirements-dev.lock \
		--generate-hashes --no-emit-index-url --no-header --no-annotate -o requirements.lock --upgrade

clean:  ## Remove what can be made again; the fetched documents in data/ stay
	rm -rf .venv artifacts dbt_project/target dbt_project/logs www/static/vendor reports/node_modules \
		reports/build reports/.evidence .pytest_cache .mypy_cache .ruff_cache .hypothesis
