# Everything ParkGraph needs is set up on first use; see README.md.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready

.PHONY: help setup build serve test format lint types pytest lock clean

help:  ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "ParkGraph needs Python 3.11 or newer; say which with make PYTHON=python3.12" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || \
	  { echo "python3 -m venv failed: install your system's package for it (Debian: python3-venv)" >&2; exit 1; }
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

setup: $(READY)  ## install what ParkGraph needs into .venv

build: $(READY)  ## check the data and build a release
	$(BIN)/parkgraph build

serve: build  ## build a release and serve it on http://localhost:8000/
	$(BIN)/parkgraph serve

test: $(READY) lint types pytest  ## format, lint, types and tests

format: $(READY)  ## put the code into the project's format
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

lint: $(READY)
	$(BIN)/ruff format --check
	$(BIN)/ruff check

types: $(READY)
	$(BIN)/mypy

pytest: $(READY)
	$(BIN)/pytest

lock: $(READY)  ## pin the newest versions that pyproject.toml admits
	$(BIN)/uv pip compile pyproject.toml --all-extras --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-header --upgrade --quiet --output-file requirements.lock

clean:  ## remove what was set up and built
	rm -rf $(VENV) releases .mypy_cache .pytest_cache .ruff_cache
