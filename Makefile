# Everything a developer or a CI runs. `make help` lists it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
.DEFAULT_GOAL := help
# Real processes and browsers share the machine with whatever else it does: what fails is asked once
# more. Who fails twice fails.
ASK = $(BIN)/python -m pytest -q -o cache_dir=.pytest_cache/$@
.PHONY: help setup console check test unit e2e browser tried-e2e tried-browser bench docs demo serve lock clean

help: ## list the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 10

$(VENV)/.ready: requirements/dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Freehold needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version 2>&1)." >&2; exit 1; }
	@echo "setting up $(VENV) (about half a minute)"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@FREEHOLD_BUILD_CONSOLE=no $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

setup: $(VENV)/.ready ## make .venv with Freehold and its tools
	@$(BIN)/python console/build.py

console: setup ## build the web console, if its sources changed (setup does so too)

check: setup ## format, lint, types, floors: seconds
	@$(BIN)/ruff format --check --quiet src tests
	@$(BIN)/ruff check --quiet src tests
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/lint-imports --no-logo | tail -n 1
	@$(BIN)/python console/build.py check

test: check ## everything that must pass: check, unit, contract, e2e, browser
	@$(BIN)/python -m tests.support.machine
	@$(BIN)/python -m pytest -q -n 2 tests/unit tests/contract
	@$(MAKE) --no-print-directory --jobs 2 --output-sync=target tried-e2e tried-browser

tried-e2e tried-browser: tried-%:
	@$(ASK) tests/$* || $(ASK) --last-failed --last-failed-no-failures none tests/$*

unit: setup ## the fast tests only
	@$(BIN)/python -m pytest -q -n 2 tests/unit tests/contract

e2e: setup ## unmodified clients against real servers
	@$(BIN)/python -m tests.support.machine
	@$(BIN)/python -m pytest -q tests/e2e

browser: setup ## the console in Chromium
	@$(BIN)/python -m tests.support.machine
	@$(BIN)/python -m pytest -q tests/browser

bench: setup ## measure; never part of the tests
	@$(BIN)/python -m tests.bench

docs: setup ## write the generated pages of docs/reference
	@$(BIN)/python -m freehold.cli.reference docs/reference

demo: setup ## two lines of business, end to end, on this machine
	@$(BIN)/freehold demo --state demo/state

serve: setup ## a server with its state in demo/serve
	@$(BIN)/freehold up --state demo/serve

lock: ## renew the pins (a week's cooling-off)
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
		--exclude-newer "$$(date -u -d '7 days ago' +%F)" --extra dev -o requirements/dev.txt pyproject.toml

clean: ## remove what setup and demo made
	@rm -rf $(VENV) demo
