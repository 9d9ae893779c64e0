# Two commands on a fresh machine with only Python 3.11+ and make:  make run   make test
# `make help` lists the rest. PYTHON=/path/to/python3 chooses the interpreter, PYTEST_ARGS adds to pytest.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

VENV := .venv
BIN := $(VENV)/bin
RUNTIME := $(VENV)/.installed-runtime
DEV := $(VENV)/.installed-dev
# The tests' Matrix homeserver: in an environment of its own, for its dependencies are not ours.
SYNAPSE := $(VENV)/synapse/.installed
CHECKED := $(wildcard bridge adapters storage scheduling tests benchmarks)
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
INSTALL := $(PIP) install --no-input --require-hashes
# Programs that tests start are compiled once, whatever the shell says.
unexport PYTHONDONTWRITEBYTECODE
# Two cores are what we have; a test file may start processes of its own.
WORKERS ?= 2
TEST := $(BIN)/python -m pytest -n $(WORKERS) --dist worksteal

# An environment that was moved or copied here points to where it was made: make it again.
MADE_IN := $(shell cat $(VENV)/.made-in 2>/dev/null)
ifneq ($(MADE_IN),)
ifneq ($(MADE_IN),$(CURDIR))
$(shell rm -rf $(VENV))
endif
endif

.PHONY: help run test check screenshots bench lock clean dev .venv

help:  ## list what this Makefile can do
	@sed -n 's/^\([a-z.]*\):.*## /\1\t/p' Makefile | expand -t 14

.venv: $(DEV)  ## create .venv with everything locked for running, testing and checking
dev: $(DEV)

# The interpreter: $PYTHON if given, else the first of the usual names that runs and is new enough.
$(BIN)/python:
	@for candidate in $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11 python; do \
		if "$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
			"$$candidate" -m venv $(VENV) && echo "$(CURDIR)" > $(VENV)/.made-in; exit; \
		fi; \
	done; \
	echo "coachbridge needs Python 3.11 or newer: install it, or say 'make PYTHON=/path/to/python3'" >&2; \
	exit 1

# The second install puts the checkout itself on the path; the build back end comes from the lock.
$(RUNTIME): requirements.lock pyproject.toml | $(BIN)/python
	@echo "installing the locked dependencies into $(VENV)"
	@$(INSTALL) -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(DEV): requirements-dev.lock $(RUNTIME)
	@echo "installing the locked development tools into $(VENV)"
	@$(INSTALL) -r requirements-dev.lock
	@touch $@

$(SYNAPSE): requirements-synapse.lock | $(BIN)/python
	@echo "installing the tests' Matrix homeserver into $(VENV)/synapse"
	@$(BIN)/python -m venv $(VENV)/synapse
	@$(VENV)/synapse/bin/python -m pip --quiet --disable-pip-version-check install --no-input \
		--require-hashes -r requirements-synapse.lock
	@touch $@

run: $(RUNTIME)  ## set everything up and show the demo in a browser, until Ctrl-C
	@$(BIN)/coachbridge demo

test: $(DEV) $(SYNAPSE)  ## set everything up and run all tests
	@$(TEST) $(PYTEST_ARGS)

# The types are looked at beside the tests, which wait for a disk now and then, and told after them.
check: $(DEV)  ## format, lint, types, import rules and the quick tests, under a minute
	@$(BIN)/ruff format --check $(CHECKED)
	@$(BIN)/ruff check $(CHECKED)
	@$(BIN)/lint-imports
	@told=$$(mktemp); $(BIN)/mypy $(CHECKED) >"$$told" 2>&1 & types=$$!; \
	trap 'kill $$types 2>/dev/null; rm -f "$$told"' EXIT; trap 'exit 130' INT TERM; \
	$(TEST) -q -m "not slow and not fault and not postgres" $(PYTEST_ARGS); tested=$$?; \
	wait $$types; typed=$$?; cat "$$told"; exit $$((tested | typed))

screenshots: $(DEV)  ## take the pictures of docs/screenshots anew, from the running pages
	@$(BIN)/python -m tests.browser.screenshots

bench: $(DEV)  ## measure, and write docs/performance.md
	@$(BIN)/python -m benchmarks

# Regenerate the locks: resolved for every supported Python and platform, hashes, no addresses.
# pip's configuration stays the only place that knows a registry.
LOCK_OPTIONS := --quiet --universal --python-version 3.11 --generate-hashes \
	--no-header --no-annotate $(LOCK_ARGS)
lock: $(BIN)/python  ## resolve the dependencies anew (LOCK_ARGS=--upgrade for newer versions)
	@$(BIN)/python -m venv $(VENV)/lock
	@$(VENV)/lock/bin/python -m pip --quiet --disable-pip-version-check install uv
	@$(VENV)/lock/bin/uv pip compile $(LOCK_OPTIONS) pyproject.toml --group build \
		--output-file requirements.lock >/dev/null
	@$(VENV)/lock/bin/uv pip compile $(LOCK_OPTIONS) pyproject.toml --group dev \
		--constraint requirements.lock --output-file requirements-dev.lock >/dev/null
	@echo matrix-synapse | $(VENV)/lock/bin/uv pip compile $(LOCK_OPTIONS) - \
		--output-file requirements-synapse.lock >/dev/null

clean:  ## remove the environment and everything the tools leave behind
	@rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis \
		.import_linter_cache .cache *.egg-info
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
