# Needs python3 (3.11 or newer), its venv module, and make. Everything else is installed into .venv.
VENV ?= .venv
BIN := $(VENV)/bin
PYTHON ?= python3
.DEFAULT_GOAL := help
.PHONY: help setup demo test lint types imports check package bench corpus faults mutations fuzz docs sbom lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(VENV)/.dev ## install the program and its tools into .venv

PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

$(VENV)/.run: requirements.lock requirements-build.lock pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(PIP) --require-hashes -r requirements.lock -r requirements-build.lock
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.run
	@$(PIP) --require-hashes -r requirements-dev.lock
	@touch $@

demo: $(VENV)/.run ## sync the examples on the embedded tracker, close a ticket, show what comes back
	@$(BIN)/python examples/demo.py

test: $(VENV)/.dev ## run the tests; with T=path only these, in one process
	@$(BIN)/python -m pytest $(if $(T),-n 0 $(T),-n auto --dist worksteal)

lint: $(VENV)/.dev ## ruff, mypy --strict, import contracts, hadolint
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/hadolint Dockerfile

package: $(VENV)/.dev ## build the wheel and what the image is made of, and run it
	@$(BIN)/python -m pytest -m package tests/package

bench: $(VENV)/.dev ## measure; prints ratios
	@$(BIN)/python -m tests.bench

faults: $(VENV)/.dev ## kill, collide and meddle, many times; prints one table
	@$(BIN)/python -m tests.faults

mutations: $(VENV)/.dev ## switch safeguards off, one at a time, and see which faults are noticed
	@$(BIN)/python -m tests.faults.mutations

$(VENV)/.fuzz: requirements-fuzz.lock $(VENV)/.dev
	@$(PIP) --require-hashes -r requirements-fuzz.lock
	@touch $@

fuzz: $(VENV)/.fuzz ## look for documents that parse or write-back gets wrong, for ten minutes
	@$(BIN)/python -m tests.fuzz

corpus: $(VENV)/.dev ## score the parser and the rules on ../shared/corpus, where it exists
	@$(BIN)/python -m tests.corpus.measure
	@$(BIN)/python -m tests.corpus.measure_check docs/check.md

docs: $(VENV)/.dev ## write the pages that come from the code: settings, their schema, licences
	@$(BIN)/python -m docs.generate.settings docs
	@$(BIN)/python -m docs.generate.licences docs/licences.md
	@$(BIN)/python -m docs.generate.rules docs/check.md

sbom: $(VENV)/.dev ## list what is shipped, as CycloneDX, in dist/
	@$(BIN)/python -m docs.generate.sbom dist/sbom.cdx.json

lock: ## pin the dependencies again (needs uv)
	@uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url pyproject.toml --extra worker --extra serve --extra holidays --extra telemetry --extra digest -o requirements.lock
	@uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --group fuzz -o requirements-fuzz.lock
	@uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url pyproject.toml --group dev --extra worker --extra serve --extra holidays --extra telemetry --extra digest -o requirements-dev.lock

clean: ## remove what was built
	@rm -rf $(VENV) build dist demo .hypothesis .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
