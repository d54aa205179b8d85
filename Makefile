# Every target sets up its own .venv; nothing but Python >= 3.11 and make is needed.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: help demo test long fleets check schemas torture bench book format clean

help: ## Print this list.
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/'

RUNS := $(VENV)/.runs

# what a demo needs, without the tools of developers
$(RUNS): pyproject.toml constraints.txt
	@echo "setting up $(VENV), once; this takes a minute"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable .
	@touch $@

$(STAMP): pyproject.toml constraints.txt
	@echo "setting up $(VENV) with everything that tests and checks need, once; this takes some minutes"
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $@

FLEETS := $(VENV)/.fleets

$(FLEETS): $(STAMP)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev,prefect]'
	@touch $@

demo: $(RUNS) ## Migrate a small company out of each source, between local stand-ins.
	@$(BIN)/migrator demo
	@$(BIN)/migrator demo --source workiva --workspace demo-migration-workiva

test: $(STAMP) ## Run the tests, with a short version of the kill and fault runs.
	env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -W error -m pytest -n 3 --dist worksteal -m "not long"

long: $(STAMP) ## Run the tests that take long, such as lists that are cut anywhere, the tutorial, wheel and sdist.
	env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -W error -m pytest -n 3 --dist worksteal -m long

fleets: $(FLEETS) ## Run the tests of fleets, on Prefect servers of their own; the others skip them where Prefect is missing.
	$(BIN)/python -W error -m pytest tests/migrator/fleet tests/end_to_end/test_fleet.py tests/end_to_end/test_fleet_deploy.py

check: $(STAMP) ## Lint, formatting, types and import rules.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

schemas: $(STAMP) ## Many requests that schemathesis makes of the OpenAPI documents, against the stand-ins.
	SCHEMATHESIS_EXAMPLES=100 $(BIN)/python -W error -m pytest -n 2 tests/connectors/test_schemas.py

torture: $(STAMP) ## Kill and fault runs in full, with their seeds and figures; every property with many examples.
	$(BIN)/python -m tests.torture
	MORE_EXAMPLES=10 $(BIN)/python -W error -m pytest -n 2 -m hypothesis
	MORE_EXAMPLES=40 $(BIN)/python -W error -m pytest -n 2 tests/mappings/text/test_every_word.py
	$(BIN)/python -m tests.torture.bodies
	$(BIN)/python -m tests.torture.planted
	$(BIN)/python -m tests.torture.origins
	$(BIN)/python -m tests.torture.texts

bench: $(STAMP) ## Speed beside a fixed plain script, as ratios from one run.
	$(BIN)/python -m benchmarks.load_cases

book: .book/.installed ## Build the documentation into .book/site; a broken link fails.
	@$(PYTHON) tests/support/book.py .book/pages
	@.book/venv/bin/zensical build --strict --clean
	@echo "the book is in .book/site; with search: $(PYTHON) -m http.server --bind 127.0.0.1 --directory .book/site"

.book/.installed: constraints-book.txt
	@test -x .book/venv/bin/python || $(PYTHON) -m venv .book/venv
	@.book/venv/bin/python -m pip install --quiet --disable-pip-version-check --requirement constraints-book.txt
	@touch $@

format: $(STAMP) ## Format the code.
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean: ## Remove what the targets made.
	rm -rf $(VENV) .book .mypy_cache .ruff_cache .pytest_cache .hypothesis demo-migration demo-migration-workiva
