# All tasks of the project. `make` alone lists them; `.ci/run` calls `make ci` and nothing else.
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help setup demo test check fix bench docs lock browser ci

help: ## list the targets
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 16

setup: $(READY) ## make the environment in .venv, from the locked requirements

$(READY): requirements/dev.txt scripts/setup.sh pyproject.toml
	@bash scripts/setup.sh $(VENV)

demo: setup ## play the whole system with synthetic traffic, and say where the reports and the console are
	$(BIN)/stillwatch demo

test: setup browser ## run all tests
	$(BIN)/pytest -n auto --dist loadscope

browser: ## install Debian's chromium for the browser tests, where that is possible (they are skipped otherwise)
	@bash scripts/browser.sh

check: setup ## lint, format, types, architecture, generated documentation
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python scripts/reference.py --check
	$(BIN)/python scripts/stix.py --check

fix: setup ## mend what can be mended automatically
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: setup ## write the generated documentation anew
	$(BIN)/python scripts/reference.py
	$(BIN)/python scripts/stix.py

bench: setup ## measure: speed of a scan against a bare pass, and detection on worlds of every kind
	$(BIN)/python benchmarks/scan_speed.py
	$(BIN)/python benchmarks/detection.py

lock: setup ## resolve the dependencies anew into requirements/
	bash scripts/lock.sh $(BIN)/uv

ci: check test demo ## everything that must hold
