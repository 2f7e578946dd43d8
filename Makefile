# One command each. `make demo` and `make test` install what they need into .venv first.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: help install install-dev demo test sweep lint check bench lock clean

help: ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | sort

# The stamps make a second run start at once; a changed lock file installs again.
.venv/.run: requirements.lock pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.dev: requirements-dev.lock .venv/.run
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements-dev.lock
	@touch $@

install: .venv/.run ## the service and what it needs, in .venv
install-dev: .venv/.dev ## also what tests, lint and types need

demo: .venv/.run ## the whole service against a replica of the sites on this machine
	$(BIN)/kccwatch demo

test: .venv/.dev ## the tests
	$(BIN)/python -m pytest

sweep: .venv/.dev ## the long forms of the tests: hours of papers, kills and faults
	$(BIN)/python -m pytest -m long

lint: .venv/.dev ## style, imports, types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

check: lint test ## what CI runs

bench: .venv/.dev ## timings beside the alternatives, as ratios
	$(BIN)/python -m bench

lock: ## resolve the dependencies afresh (needs uv)
	uv pip compile -q --universal --generate-hashes --python-version 3.11 --no-header --no-emit-index-url --group build pyproject.toml -o requirements.lock
	uv pip compile -q --universal --generate-hashes --python-version 3.11 --no-header --no-emit-index-url --group build --group dev pyproject.toml -o requirements-dev.lock

clean: ## remove the virtual environment and caches
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache
