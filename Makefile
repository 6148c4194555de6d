# Two commands do everything on a machine with Python 3.11+, make and git: run, test.
PYTHON ?= python3
PORT ?= 8000
DEMO ?= 1
VENV ?= .venv
BIN := $(VENV)/bin
# Files in the order of their folders: the long tests of the browser first, the short ones last. One
# worker more than there are cores: those of the browser wait most of their time.
WORKERS := -n $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1) --dist loadfile --no-loadscope-reorder
# where it is set, every program that a test starts would compile all modules again
unexport PYTHONDONTWRITEBYTECODE
# Programs that tests drive; installed through apt when missing. The whole Chromium does too, slowly.
DEBIAN := chromium-headless-shell,chromium fonts-dejavu-core postgresql poppler-utils

.PHONY: run test test-lowest check hooks bench lint format help clean packages
.DEFAULT_GOAL := help

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(VENV)/.site ## install, migrate, load the demo when empty (DEMO=0: start empty), serve on 127.0.0.1:8000 (PORT=…)
	$(BIN)/cchc db upgrade
	$(if $(filter 0,$(DEMO)),PORT=$(PORT) $(BIN)/cchc user first,$(BIN)/cchc demo --if-empty)
	$(BIN)/cchc serve --port $(PORT)

test: $(VENV)/.test packages lint ## everything: style, types, layers, unit, integration, contract, browser (COVERAGE=1: with what they reach, slower)
	$(BIN)/python -m pytest $(WORKERS) $(if $(COVERAGE),--cov --cov-report=term)

test-lowest: $(VENV)/.test ## the plugin and the site beside the oldest versions that pyproject.toml allows
	sh .ci/lowest

check: $(VENV)/.test lint ## what to ask before each commit: style, types, layers, unit tests
	$(BIN)/python -m pytest -q $(WORKERS) tests/contract/test_tree.py tests/unit

hooks: ## let git run the quick part of this before each commit
	git config core.hooksPath .ci/hooks

bench: $(VENV)/.test ## requests per second against a bare route, page weights, search quality
	$(BIN)/python -m tests.benchmarks

faults: $(VENV)/.test packages ## kill, stop, fill, take away; counts of what was lost (must be 0)
	$(BIN)/python -m tests.faults

audit: $(VENV)/.test ## known weaknesses of what is installed; says when the index cannot be reached
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check pip-audit \
		|| { echo "audit: pip-audit cannot be installed here (no package index?)"; exit 2; }
	@$(BIN)/python -m pip_audit --skip-editable --timeout 10 --progress-spinner off > $(VENV)/audit.log 2>&1; code=$$?; \
	if grep -qE 'ConnectionError|ServiceError|Max retries|Failed to (query|connect)|HTTPError' $(VENV)/audit.log; \
	then echo "audit: the index of known weaknesses cannot be reached from here; nothing was checked"; exit 2; fi; \
	unknown=$$(grep -c 'could not be audited' $(VENV)/audit.log); \
	if [ "$$unknown" -gt 5 ]; \
	then echo "audit: the index here knows nothing of $$unknown packages; they were not checked"; exit 2; fi; \
	cat $(VENV)/audit.log; exit $$code

lint: $(VENV)/.test ## ruff, mypy, import-linter, djlint
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint --lint templates

format: $(VENV)/.test ## put the code into the agreed form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

packages: ## the Debian packages that tests need
	@sh .ci/packages $(DEBIAN)

clean: ## remove what was built here; instance/ with its data stays
	rm -rf $(VENV) .venv-lowest dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed")'
	$(PYTHON) -m venv $(VENV)

# The stamp is newer than pyproject.toml exactly when what it lists is installed.
$(VENV)/.site: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[site]'
	@touch $@

$(VENV)/.test: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[test]'
	@touch $@
	@touch $(VENV)/.site
