# `make` lists the verbs. They need Python 3.11 or newer and nothing else; uv is used when it is there.
.DEFAULT_GOAL := help
.PHONY: help install demo test check fix generate fetch-spec record bench docs build clean

VENV := .venv
BIN  := $(VENV)/$(if $(filter Windows_NT,$(OS)),Scripts,bin)
UV   := $(shell command -v uv 2>/dev/null)
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
            $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
STAMP := $(VENV)/.installed

help:  ## list these verbs
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(STAMP)  ## set up .venv with everything a developer needs

$(STAMP): pyproject.toml
ifneq ($(UV),)
	$(UV) venv --quiet --allow-existing --python '>=3.11' $(VENV)
	$(UV) pip install --quiet --python $(VENV) --editable '.[cli,sandbox,bulk]' --group dev
else
	@test -n '$(PYTHON)' || { echo 'Python 3.11 or newer is needed and was not found' >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'  # the first that reads dependency groups
	$(BIN)/python -m pip install --quiet --editable '.[cli,sandbox,bulk]' --group dev
endif
	@touch $@
