# `make` alone lists what there is. Everything lives in .venv and .rekindle/ of this folder.
SHELL := /bin/sh
PYTHON ?= python3
BIN := .venv/bin
SECONDS ?= 90
export PYTHONUTF8 := 1

.DEFAULT_GOAL := help
.PHONY: help setup demo up test slow crash check bench bench-large format locks schemas pictures clean

help: ## List the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)$$/\1|\2/' | while IFS='|' read -r name what; do printf '  %-12s %s\n' "$$name" "$$what"; done

setup: .venv/complete ## Install everything: services, tests, tools, engines

demo: .venv/ready ## Play 14 days with 2,500 invented customers; CSV=path takes your own list
	@$(BIN)/rekindle demo $(if $(CSV),"$(CSV)") $(ARGS)

up: .venv/ready ## Run the whole system here on the real clock
	@$(BIN)/rekindle up $(ARGS)

test: .venv/complete ## Run the tests on real engines
	$(BIN)/python -m pytest -q -n 2 --dist loadgroup tests --ignore tests/crash --ignore tests/simulation --ignore tests/setup $(ARGS)

slow: .venv/complete ## Simulate it many times over, cut it at every point, set it up from nothing, play the compose file
	$(BIN)/python -m pytest -q -n 2 tests/simulation $(ARGS)
	$(BIN)/python -m pytest -q tests/crash tests/setup $(ARGS)

crash: .venv/complete ## Kill everything for SECONDS, and judge what the promises came to
	@$(BIN)/python -m tests.crash --seconds $(SECONDS) $(ARGS)

check: .venv/complete ## Format, lint, types, boundaries, locks, released schemas
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -q tests/contract

bench: .venv/complete ## Measure beside a bare loop, and write .rekindle/bench.json
	$(BIN)/python -m bench

bench-large: .venv/complete ## Import 1,000,000 rows, and see that memory stays flat
	$(BIN)/python -m bench.importing 1000000

format: .venv/complete ## Put the code in shape
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

schemas: .venv/complete ## Release the events as they are now, and write the documents of them
	$(BIN)/python -m tests.contract.releasing
	$(BIN)/python -m deploy.asyncapi
	$(BIN)/python -m deploy.openapi

pictures: .venv/complete ## Draw the README's pictures anew, from a demo of 14 days
	$(BIN)/python -m deploy.pictures

locks: .venv/complete ## Compile the lock files anew
	$(BIN)/python -m deploy.locks

clean: ## Remove the environment and all data of this folder
	rm -rf .venv .rekindle

# The demo needs the services and the engines, but no tools. Set-up says what it does, since the
# first time takes a while; the second needs no network. `deploy/install.py` prefers uv and falls back
# to pip, with the same hashes.
.venv/ready: requirements-demo.lock requirements-uv.lock pyproject.toml deploy/install.py
	@$(PYTHON) deploy/install.py demo
	@touch $@

.venv/complete: requirements.lock requirements-demo.lock requirements-uv.lock pyproject.toml deploy/install.py
	@$(PYTHON) deploy/install.py all
	@touch .venv/ready $@
