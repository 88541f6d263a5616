# Two commands to begin with: make run, make test. Needs Python, git and make, nothing else.
PYTHON ?= 3.11
VENV := .venv
BIN := $(VENV)/bin
export DAGSTER_HOME := $(CURDIR)

.PHONY: run ui arrive sql samples test lint types pytest servers stop-servers test-real \
  soak fuzz bench services format lock clean help

help:  ## Show the commands.
	@grep -E '^[a-z-]+:.*##' Makefile | sed 's/:.*## /\t/' | expand -t 12

run: $(VENV)/run  ## Materialize the whole graph, with a summary.
	@$(BIN)/python -m platform_assets run

ui: $(VENV)/run  ## Dagster's UI with sensors and schedules live; Ctrl-C stops it.
	@$(BIN)/python -m platform_assets ui

services: $(VENV)/run  ## Promotions, the request log and the listing API, beside a UI; Ctrl-C stops them.
	@$(BIN)/python -m services

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

servers: $(VENV)/test  ## Real servers on loopback: Kafka, S3, PostgreSQL, MongoDB's and Snowflake's protocols.
	@$(BIN)/python -m servers start

stop-servers: $(VENV)/test  ## Stop them; their data stay.
	@$(BIN)/python -m servers stop

test-real: $(VENV)/test  ## Contract tests and one whole run of the graph on real servers.
	@$(BIN)/python -m servers test

soak: $(VENV)/test  ## Kill -9 at random, again and again, then compare: make soak KILLS=200.
	@$(BIN)/python -m soak $(if $(KILLS),--kills $(KILLS))

fuzz: $(VENV)/test  ## A million mutated inputs for each parser: make fuzz INPUTS=1000000.
	@$(BIN)/python -m fuzz $(if $(INPUTS),--inputs $(INPUTS))

bench: $(VENV)/bench  ## Side by side with the usual way: a table of ratios.
	@$(BIN)/python -m bench $(ONLY)

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

$(VENV)/bench: requirements-bench.lock $(VENV)/test
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-bench.lock
	@touch $@

COMPILE := uv pip compile --universal --generate-hashes --no-annotate --no-header --no-strip-extras --quiet \
  --python-version 3.11 --no-emit-index-url --prerelease if-necessary-or-explicit pyproject.toml

lock:  ## Resolve the dependencies again; needs uv.
	$(COMPILE) -o requirements.lock
	$(COMPILE) -o requirements-test.lock -c requirements.lock --group test
	$(COMPILE) -o requirements-bench.lock -c requirements.lock --group bench

clean:  ## Remove all data and the environment.
	rm -rf .quadrant $(VENV) /dev/shm/quadrant-tests-*
