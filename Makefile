# Every target sets up what it needs; nothing has to be run first.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
STAMPS := .make
TESTS ?= tests
# Three workers on two cores: most tests wait for calls, not for the processor. Few are handed out at a time, so that
# those with calls, which come last, are spread over all workers.
PYTEST := $(BIN)/python -m pytest -n 3 --maxschedchunk 4

# The Asterisk of the tests; one of this machine instead, if its root folder is named (`ASTERISK_ROOT=/`).
ASTERISK := $(if $(ASTERISK_ROOT),,.asterisk/asterisk)

ifeq ($(shell command -v $(PYTHON) 2>/dev/null),)
PYTHON := python3
endif

.PHONY: help demo test check bench soak asterisk format lock dist clean
help:  ## Say what the targets do
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 10

demo: $(STAMPS)/runtime  ## Dial a fixture list over SIP on loopback, bridge it to agents, report it
	$(BIN)/dialer demo $(DEMO)

test: $(STAMPS)/dev $(STAMPS)/system $(ASTERISK)  ## Run the tests
	$(PYTEST) $(TESTS) -m "not soak and not bench" --durations=25

soak: $(STAMPS)/dev $(STAMPS)/system $(ASTERISK)  ## Run the long tests with their full numbers
	$(BIN)/python -m pytest -p no:randomly $(TESTS) -m soak -s --timeout=3600

bench: $(STAMPS)/dev $(STAMPS)/system $(ASTERISK)  ## Print one JSON line a figure
	@$(BIN)/python -m tests.perf

asterisk: .asterisk/asterisk  ## Put a real Asterisk under .asterisk/, beside the system

check: $(STAMPS)/dev  ## Style, types, layers, docs
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

format: $(STAMPS)/dev  ## Rewrite the code in the project's style
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

dist: $(STAMPS)/dev  ## Build the wheel and the source archive
	$(BIN)/python -m build --no-isolation

lock: $(STAMPS)/dev  ## Write requirements/*.txt anew from pyproject.toml
	$(BIN)/pip install -q pip-tools
	$(BIN)/pip-compile -q --generate-hashes --no-emit-index-url --no-emit-find-links --strip-extras \
		--no-header --all-build-deps -o requirements/runtime.txt pyproject.toml
	$(BIN)/pip-compile -q --generate-hashes --no-emit-index-url --no-emit-find-links --strip-extras \
		--no-header --all-build-deps --extra dev -o requirements/dev.txt pyproject.toml

# What only tests need: PostgreSQL beside SQLite, SIPp as a carrier that is not ours, and what judges
# certificates and units.
$(STAMPS)/system: Makefile
	@(for tool in sipp openssl systemd-analyze /usr/lib/postgresql/*/bin/initdb; do \
		command -v "$$tool" >/dev/null || exit 1; done) || { \
		sudo=$$([ "$$(id -u)" = 0 ] || echo sudo); $$sudo apt-get update -qq && \
		DEBIAN_FRONTEND=noninteractive $$sudo apt-get install -qq -y --no-install-recommends sip-tester postgresql openssl systemd; }
	@mkdir -p $(STAMPS) && touch $@

# The script knows whether the one that is there will do; it comes here when it has changed.
.asterisk/asterisk: .ci/get-asterisk
	@.ci/get-asterisk

clean:  ## Remove what the targets made
	rm -rf $(VENV) $(STAMPS) .asterisk build dist

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(STAMPS)/runtime: requirements/runtime.txt pyproject.toml | $(BIN)/python
	$(BIN)/pip install -q --require-hashes -r requirements/runtime.txt
	$(BIN)/pip install -q --no-deps --no-build-isolation -e .
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/dev: requirements/dev.txt $(STAMPS)/runtime
	$(BIN)/pip install -q --require-hashes -r requirements/dev.txt
	@touch $@
