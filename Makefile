# run · test · check · build · bench, on a fresh clone with nothing but Python 3.11 or later.
# `make run ARGS="--port 8080"` and `make test ARGS="-k hook"` pass arguments on.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.ONESHELL:

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
ARGS ?=

# The first Python that is new enough.
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	$$python -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)

.PHONY: help run test check format build bench clean

help:
	@sed -n '1,2s/^# //p' Makefile

run: $(VENV)/.run
	@$(BIN)/python -m trainwatch.ui.site_build
	exec $(BIN)/trainwatch serve $(ARGS)

test: $(VENV)/.dev
	@$(BIN)/python -m tests.plugins.programs install
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile $(ARGS)

check: $(VENV)/.dev
	@$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports --no-logo
	$(BIN)/pyright --pythonpath $(BIN)/python

format: $(VENV)/.dev
	@$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

build: $(VENV)/.run
	@$(PIP) wheel --no-deps --no-build-isolation --wheel-dir dist .
	ls -lh dist/*.whl

bench: $(VENV)/.dev
	@$(BIN)/python -m trainwatch.ui.site_build
	$(BIN)/python -m benchmarks $(ARGS)

clean:
	@rm -rf $(VENV) .web build dist trainwatch/_site

# What running needs, and Node (from PyPI) to build the page. Without isolation, so that nothing is installed twice.
$(VENV)/.run: pyproject.toml constraints.txt
	@[ -n "$(PYTHON)" ] || { echo "Python 3.11 or later with the module venv is needed (Debian: apt-get install python3-venv)."; exit 1; }
	[ -x $(BIN)/python ] || $(PYTHON) -m venv $(VENV)
	echo "installing into $(VENV) …"
	$(PIP) install --upgrade "pip>=25.1"
	$(PIP) install --constraint constraints.txt --group build
	$(PIP) install --constraint constraints.txt --no-build-isolation --editable .
	touch $@

$(VENV)/.dev: $(VENV)/.run
	@echo "installing the development tools …"
	$(PIP) install --constraint constraints.txt --group dev
	touch $@
