# Two commands to begin with: make run, make test. Needs Python, git and make, nothing else.
PYTHON ?= 3.11
VENV := .venv
BIN := $(VENV)/bin
export DAGSTER_HOME := $(CURDIR)

.PHONY: run ui arrive sql samples test lint types pytest format lock clean help

help:  ## Show the commands.
	@grep -E '^[a-z-]+:.*##' Makefile | sed 's/:.*## /\t/' | expand -t 12

run: $(VENV)/run  ## Materialize the whole graph, with a summary.
	@$(BIN)/python -m platform_assets run

ui: $(VENV)/run  ## Dagster's UI with sensors and schedules live; Ctrl-C stops it.
	@$(BIN)/python -m platform_assets ui

arrive: $(VENV)/run  ## Let a new address file and new tweets arrive.
	@$(BIN)/python -m platform_assets arrive

sql: $(VENV)/run  ## A shell on the warehouse.
	@$(BIN)/python -m platform_assets sql

samples: $(VENV)/run  ## Make a sample world: make samples SIZE="--addresses 2000000 --to /tmp/world".
	@$(BIN)/python -m samples $(SIZE)

test: lint types pytest  ## Linters, types, tests.

lint: $(VENV)/test
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: $(VENV)/test
	@$(BIN)/mypy .

pytest: $(VENV)/test
	@$(BIN)/pytest

format: $(VENV)/test  ## Format the code.
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

# The lock is complete, so pip has nothing to resolve. Raise it with `make lock`.
$(VENV)/run: requirements.lock
	@command -v python$(PYTHON) >/dev/null || { echo "python$(PYTHON) is not there; choose another with PYTHON=3.12."; exit 1; }
	@echo "Creating the environment with Python $(PYTHON), about a minute ..."
	@rm -rf $(VENV)
	@python$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	@grep -qs '^DAGSTER_HOME=.' .env || echo "DAGSTER_HOME=$(CURDIR)" >> .env
	@touch $@

$(VENV)/test: requirements-test.lock $(VENV)/run
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-test.lock
	@touch $@

lock:  ## Resolve the dependencies again; needs uv.
	uv pip compile --universal --generate-hashes --no-annotate --no-header --no-strip-extras --quiet \
	  --python-version 3.11 --no-emit-index-url pyproject.toml -o requirements.lock
	uv pip compile --universal --generate-hashes --no-annotate --no-header --no-strip-extras --quiet \
	  --python-version 3.11 --no-emit-index-url --group test -c requirements.lock pyproject.toml -o requirements-test.lock

clean:  ## Remove all data and the environment.
	rm -rf .quadrant $(VENV)
