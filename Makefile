# `make` alone lists the targets. Everything a target needs is set up first, and recognised when it is already there.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory
# Some shells turn bytecode off, and then every process compiles everything again.
unexport PYTHONDONTWRITEBYTECODE

# Any Python from 3.11 on starts the set-up; later runs use .venv's own.
FIND_PYTHON = for python in .venv/bin/python python3.13 python3.12 python3.11 python3; do \
	  $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && break || python=; done; \
	if [ -z "$$python" ]; then echo "Python 3.11 or newer is needed (python3.13, python3.12, python3.11 or python3 on PATH)." >&2; exit 1; fi
SETUP = $(FIND_PYTHON); $$python -m local.setup
BIN := .venv/bin
SAM := $(BIN)/python -m local.setup.sam

##@ Use
.PHONY: run
run: ## Start the platform on this machine (RESET=1 forgets its data)
	@$(SETUP) run
	@exec $(BIN)/python -m local run --state-dir .local $(if $(filter-out 0,$(RESET)),--reset)

.PHONY: demo
demo: ## Launch a month of content and watch it being made, on ports of its own
	@$(SETUP) demo
	@exec $(BIN)/bai demo

##@ Work on it
.PHONY: setup
setup: ## Set everything up (and ask again for what was not to be had)
	@$(SETUP)

.PHONY: test
test: ## All tests (ARGS="tests/push -k replay" for some)
	@$(SETUP) test
	@$(BIN)/pytest $(ARGS)
ifeq ($(ARGS),)
	@$(BIN)/python -m local.setup.npm_script test
endif

.PHONY: faults
N ?= 200
SEEDS ?= 30000
faults: ready ## The whole proof that no job is lost, doubled or stuck (N=200 SEEDS=30000 ARGS="--only kill")
	@PYTHONPATH=.:functions:layers/shared:migrations $(BIN)/python -m tests.faults --n $(N) --seeds $(SEEDS) $(ARGS)

.PHONY: check
check: ready-check ## Lint, format, types, imports, template, web (ARGS="types imports" for some)
	@exec $(BIN)/python -m local.check $(ARGS)

.PHONY: web
web: ## Build the console (`make run` does it when its sources changed)
	@$(SETUP) web

.PHONY: format
format: ready ## Format Python and sort its imports
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format .

.PHONY: openapi
openapi: ready ## Write the API's OpenAPI document for web/client
	@$(BIN)/bai openapi --output web/client/openapi.json

.PHONY: bench
bench: ready ## Run the benchmarks (ARGS=cold for one)
	@for script in $(if $(ARGS),$(ARGS:%=bench/%.py),$(wildcard bench/*.py)); do $(BIN)/python $$script; done

.PHONY: lock
lock: ready ## Resolve requirements/*.in anew into the hashed lock files
	@$(BIN)/python -m local.setup.lock $(ARGS)

.PHONY: build
build: ## Build functions and layers for Lambda into .aws-sam (no Docker)
	@$(SETUP) build
	@$(SAM) build --cached --parallel

.PHONY: clean
clean: ## Remove everything that the other targets made
	rm -rf .venv .venv-ministack .venv-sam .venv-uv .local .local-* .aws-sam web/*/node_modules web/*/dist
	rm -rf .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: help
help: ## This list
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} /^[a-z-]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

# ---------------------------------------------------------------- parts of the above
.PHONY: ready ready-check
ready:
	@$(SETUP) project
ready-check:
	@$(SETUP) check
