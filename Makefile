# `make demo` and `make test` set up what they need; docs/development.md has the rest.
.DEFAULT_GOAL := help
RUN := .tools/bin/uv run --frozen
# Most of a rehearsal is waiting, so that two cores carry four of them.
WORKERS ?= 4
SPREAD = -n $(WORKERS) --dist worksteal
SELECT ?= not pairs and not frameworks

.PHONY: help setup demo test test-fast test-stage test-pairs test-frameworks lint types format docs bench clean

help: ## list the tasks
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup: ## set up .venv
	@scripts/setup

demo: setup ## rehearse the fragile and the sturdy example agent
	@$(RUN) python examples/demo.py

test: ## set up and run all tests
	@scripts/setup tests
	@$(RUN) pytest -q $(SPREAD) -m "$(SELECT)"

test-fast: ## only the tests that start no sandbox
	@$(RUN) pytest -q -m "not slow"

test-stage: ## set up and run what another user should repeat: sandboxes, and what may be read and written
	@scripts/setup tests
	@$(RUN) pytest -q $(SPREAD) -m "ordinary_user or (slow and not pairs and not any_user)" \
		tests/rehearsal/stage tests/rehearsal/test_pairs.py tests/examples/test_rehearsals.py tests/cli tests/scan tests/check

test-pairs: ## every failing twin against every scenario
	@$(RUN) pytest -q -m pairs tests/rehearsal tests/services

test-frameworks: ## the agents of every framework, and their hazards planted and mended
	@scripts/setup tests
	@$(RUN) pytest -q $(SPREAD) tests/frameworks

lint: ## ruff, lint and format
	@$(RUN) ruff check
	@$(RUN) ruff format --check

types: ## mypy, strict
	@$(RUN) mypy

format: ## let ruff mend what it can
	@$(RUN) ruff check --fix
	@$(RUN) ruff format

docs: ## regenerate the generated pages
	@$(RUN) python docs/generate.py

bench: ## the benchmarks, each beside a peer in the same run
	@$(RUN) --group bench python bench/all.py

clean: ## remove what set-up made
	rm -rf .venv .tools .mypy_cache .pytest_cache .ruff_cache
