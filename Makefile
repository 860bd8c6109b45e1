# `make` lists the verbs. They need Python 3.11 or newer and nothing else; uv is used when it is there.
.DEFAULT_GOAL := help
.PHONY: help install demo test check fuzz fix generate fetch-spec documents additions regenerate live record bench simulate scale storm cluster-demo storm-cluster docs toolchains frozen release build clean

VENV := .venv
BIN  := $(VENV)/$(if $(filter Windows_NT,$(OS)),Scripts,bin)
UV   := $(shell command -v uv 2>/dev/null)
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
            $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
STAMP := $(VENV)/.installed
PARALLEL := --numprocesses=auto --dist=loadscope
FETCH = $(if $(FROM),--from '$(FROM)') $(if $(ALLOW_REMOVAL),--allow-removal) $(if $(STRICT),--strict)
FORMS := $(filter-out %/config.yml,$(wildcard .github/ISSUE_TEMPLATE/*.yml))
say = @echo '$(1)' >&2

help:  ## list these verbs
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {verb[++n] = $$1; text[n] = $$2; if (length($$1) > width) width = length($$1)} \
	  END {for (i = 1; i <= n; i++) printf "  make %-" width "s  %s\n", verb[i], text[i]}' $(MAKEFILE_LIST)

install: $(STAMP)  ## set up .venv with everything a developer needs

$(STAMP): pyproject.toml
ifneq ($(UV),)
	$(call say,making $(VENV) with uv ...)
	@$(UV) venv --quiet --allow-existing --python '>=3.11' $(VENV)
	$(call say,installing the packages that pyproject.toml names (up to a minute the first time) ...)
	@$(UV) pip install --quiet --python $(VENV) --editable '.[cli,sandbox]' --group dev
else
	@test -n '$(PYTHON)' || { echo 'Python 3.11 or newer is needed and was not found' >&2; exit 1; }
	$(call say,making $(VENV) with $(PYTHON) ...)
	@$(PYTHON) -m venv $(VENV)
	$(call say,updating pip in $(VENV) ...)
	@$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'  # the first that reads dependency groups
	$(call say,installing the packages that pyproject.toml names (about a minute the first time) ...)
	@$(BIN)/python -m pip install --quiet --editable '.[cli,sandbox]' --group dev
endif
	@touch $@

demo: $(STAMP)  ## from a prompt to a picture in demo/, through the sandbox inside the process
	$(BIN)/pixola --sandbox generate 'A lighthouse above a calm sea at dusk' \
	  --model flux-2 --style watercolor --shape landscape-wide --quality hd --output demo

test: $(STAMP)  ## set up, then all tests; COVERAGE=1 measures branches, too, and fails below the bound
	$(BIN)/python -m pytest $(PARALLEL) $(if $(COVERAGE),--cov --cov-report=term)

# `make check` ends with `make test COVERAGE=1`. With `TESTS=` it leaves that out, for .ci/run, which does it by itself.
TESTS := 1
check: $(STAMP)  ## all that must hold: format, lint, types, layers, generated code, tests with coverage; writes nothing
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/pyright
	$(BIN)/lint-imports --no-cache
	$(BIN)/python scripts/generate.py --check
	$(BIN)/python scripts/public_api.py
	$(BIN)/zizmor --quiet --offline --persona pedantic .github
	$(BIN)/check-jsonschema --quiet --builtin-schema vendor.github-workflows $(wildcard .github/workflows/*.yml)
	$(BIN)/check-jsonschema --quiet --builtin-schema vendor.dependabot .github/dependabot.yml
	$(BIN)/check-jsonschema --quiet --builtin-schema vendor.github-issue-forms $(FORMS)
	$(BIN)/check-jsonschema --quiet --builtin-schema vendor.github-issue-config .github/ISSUE_TEMPLATE/config.yml
	$(BIN)/check-jsonschema --quiet --builtin-schema vendor.compose-spec deploy/compose.yml
ifneq ($(TESTS),)
	@$(MAKE) --no-print-directory test COVERAGE=1
endif

fuzz: $(STAMP)  ## the tests with drawn inputs on many new ones; SEED=n repeats a run
	$(BIN)/python -m pytest $(PARALLEL) -m 'hypothesis or fuzz' --hypothesis-profile=fuzz $(if $(SEED),--hypothesis-seed=$(SEED))

fix: $(STAMP)  ## format and repair what a tool can repair
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/python scripts/command_reference.py

generate: $(STAMP)  ## openapi.json -> generated/pixola_client
	$(BIN)/python scripts/generate.py

fetch-spec: $(STAMP)  ## replace openapi.json by the live one, or FROM=url-or-file; ALLOW_REMOVAL=1 takes fewer calls, STRICT=1 no gap
	$(BIN)/python scripts/fetch_spec.py $(FETCH)

documents: $(STAMP)  ## the tests of calls and values on the clients made of documents in other styles
	$(BIN)/python -m pytest -m slow tests/spec/test_documents.py

additions: $(STAMP)  ## make regenerate of a document with every kind of addition, and of one that breaks something
	$(BIN)/python -m pytest -m slow tests/ci/test_regenerate.py

regenerate: $(STAMP)  ## fetch-spec, report, generate, test; diff and report go to build/regenerate
	$(BIN)/python scripts/regenerate.py $(FETCH)

live: $(STAMP)  ## compare the live service with openapi.json; SPEND=1 generates one image too
	$(BIN)/python scripts/live.py $(if $(SPEND),--spend)

record: $(STAMP)  ## record the cassettes anew from a sandbox's HTTP server, or with PIXOLA_API_KEY from the live service
	$(BIN)/python -m pytest tests/replay/test_replay.py --record $(if $(PIXOLA_API_KEY),--force-enable-socket -rs)

bench: $(STAMP)  ## measure what the documents claim, side by side
	$(BIN)/python scripts/bench.py

simulate: $(STAMP)  ## bulk runs in virtual time, beside what programs do by themselves; draws docs/bulk.svg
	$(BIN)/python scripts/simulate.py --plot docs/bulk.svg

scale: $(STAMP)  ## machines and keys in virtual time; draws docs/many-machines.svg (about 3 minutes)
	$(BIN)/python scripts/scale.py --plot docs/many-machines.svg

storm: $(STAMP)  ## kill a bulk run 200 times, and count what was paid for and what came out (about 8 minutes)
	$(BIN)/python scripts/storm.py

cluster-demo: $(STAMP)  ## a bulk run on a cluster of this machine, with the real limits and a worker killed (about 3 minutes)
	$(BIN)/python scripts/cluster_demo.py

storm-cluster: $(STAMP)  ## kill and stop workers and schedulers of a bulk run, and count what was paid for (about 15 minutes)
	$(BIN)/python scripts/storm_cluster.py

docs: $(STAMP)  ## run every Python block of the documents
	$(BIN)/python -m pytest tests/docs

toolchains: $(STAMP)  ## openapi.json through other people's validators, generators and mocks (needs npm, Java, Rust)
	$(BIN)/python scripts/toolchains.py

build: $(STAMP)  ## wheel and sdist in dist/, the same bytes from the same files
	rm -rf dist
	$(BIN)/python -m build

frozen: $(STAMP)  ## the command and a program as PyInstaller freezes them, as a folder and as one file
	$(BIN)/python scripts/frozen.py

release: build  ## build, and the parts list in build/sbom.json; TAG=v1.2.3 must be the version
	$(call say,installing what makes the parts list ...)
	@$(BIN)/python -m pip install --quiet --group release
	$(BIN)/python scripts/release.py '$(TAG)'

clean:  ## remove all that other verbs make again, but not what they download: .venv, .toolchains and .cache
	rm -rf build dist demo .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .coverage*
	find . '(' -path ./.git -o -path ./$(VENV) -o -path ./.toolchains -o -path ./.cache ')' -prune \
	  -o -type d '(' -name __pycache__ -o -name '*.egg-info' ')' -prune -exec rm -rf {} +
