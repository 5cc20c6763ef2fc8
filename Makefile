# omstui: всё начинается с «make run» и «make test»; «make help» перечисляет остальное.

PYTHON ?= python3
VENV ?= .venv
# how many cases the bench builds, and how many processes share the tests
CASES ?= 20000
# one more than the two cores: a test of a screen mostly waits
JOBS ?= 3
# make test T=tests/formats runs a part of the tests
T ?=
# make lock UPGRADE=1 also moves to the newest versions the ranges allow
UPGRADE ?=
TRAINING ?= .training

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules --no-print-directory

PY := $(VENV)/bin/python
OMSTUI := $(PY) -m omstui
PIP := $(PY) -m pip --disable-pip-version-check --no-input
INSTALL := $(PIP) install -qq --require-hashes
EDITABLE := $(PIP) install -qq --no-deps --no-build-isolation --editable .

RUN_ENV := $(VENV)/.stamp-run
DEV_ENV := $(VENV)/.stamp-dev
SOURCES := $(wildcard omstui bench tests scripts)

.PHONY: help run demo test check format bench wheel lock env clean
.DEFAULT_GOAL := help

help:
	@echo 'make run     открыть программу (при первом запуске готовит среду и учебную базу)'
	@echo 'make demo    весь учебный месяц без экрана'
	@echo 'make test    все проверки; часть: make test T=tests/formats'
	@echo 'make check   оформление, правила, типы, границы слоёв'
	@echo 'make format  исправить оформление'
	@echo 'make bench   замеры скорости; размер: make bench CASES=100000'
	@echo 'make wheel   собрать пакет в dist/'
	@echo 'make lock    пересчитать requirements*.lock; новее: make lock UPGRADE=1'
	@echo 'make clean   убрать собранное; среда и учебная база остаются'

# --- the environment ---------------------------------------------------------------------

# Debian ships venv without ensurepip until python3-venv is installed, and then
# «python3 -m venv» fails half-way: look before the folder is made.
define need_python
@if ! command -v $(PYTHON) >/dev/null; then \
	    echo 'Нет Python: установите его командой «sudo apt install python3 python3-venv».' >&2; \
	    exit 1; \
	elif ! $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	    echo 'Нужен Python 3.11 или новее: установите его («sudo apt install python3' \
	        'python3-venv») или укажите: make run PYTHON=python3.12.' >&2; \
	    exit 1; \
	elif ! $(PYTHON) -c 'import ensurepip, venv' 2>/dev/null; then \
	    echo 'Нет модуля venv: установите его командой «sudo apt install python3-venv».' >&2; \
	    exit 1; \
	fi
endef

$(RUN_ENV): requirements.lock requirements-build.lock pyproject.toml
	$(need_python)
	@if [ ! -x $(PY) ] || ! $(PY) -m pip --version >/dev/null 2>&1; then \
	    $(PYTHON) -m venv --clear $(VENV); \
	fi
	@echo 'Готовится среда ($(VENV)), это делается один раз…' >&2
	@$(INSTALL) -r requirements.lock -r requirements-build.lock
	@$(EDITABLE)
	@touch $@

$(DEV_ENV): requirements-dev.lock $(RUN_ENV)
	@echo 'Устанавливаются средства проверки…' >&2
	@$(INSTALL) -r requirements-dev.lock
	@touch $@

env: $(DEV_ENV)

# --- the program -------------------------------------------------------------------------

# A database left by an interrupted first start has no .ready beside it: made anew.
$(TRAINING)/.ready: | $(RUN_ENV)
	@echo 'Создаётся учебная база…' >&2
	@rm -rf $(TRAINING) && mkdir -p $(TRAINING)
	@OMSTUI_DB=$(abspath $(TRAINING))/omstui.db $(OMSTUI) demo >&2
	@touch $@

run: $(RUN_ENV)
	@if [ -t 0 ] && [ -t 1 ]; then \
	    $(MAKE) -s $(TRAINING)/.ready; \
	    OMSTUI_DB=$(abspath $(TRAINING))/omstui.db exec $(OMSTUI); \
	else \
	    $(MAKE) demo; \
	fi

# The headless month works on a database of its own and leaves nothing behind.
demo: $(RUN_ENV)
	@tmp=$$(mktemp -d); trap 'rm -rf "$$tmp"' EXIT; \
	OMSTUI_DB=$$tmp/omstui.db $(OMSTUI) demo --headless

# --- quality -----------------------------------------------------------------------------

check: $(DEV_ENV)
	@echo '— оформление' && $(PY) -m ruff format --check $(SOURCES)
	@echo '— правила' && $(PY) -m ruff check $(SOURCES)
	@echo '— типы' && $(PY) -m mypy
	@echo '— границы слоёв' && $(VENV)/bin/lint-imports

format: $(DEV_ENV)
	@$(PY) -m ruff check --fix --quiet $(SOURCES) || true
	@$(PY) -m ruff format $(SOURCES)

test: $(DEV_ENV)
	@$(PY) -m pytest -n $(JOBS) -q $(T)

bench: $(DEV_ENV)
	@$(PY) -m bench --cases $(CASES)

# --- release -----------------------------------------------------------------------------

wheel: $(DEV_ENV)
	@$(PY) -m hatchling build -t wheel -d dist

# uv lives in a throw-away environment: it resolves for every platform and Python at once,
# which pip cannot. The locks name no index: each machine uses the one it is set up with.
LOCK := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
    --no-header --no-annotate --no-emit-index-url --no-emit-find-links \
    $(if $(UPGRADE),--upgrade)

lock:
	$(need_python)
	@tmp=$$(mktemp -d); trap 'rm -rf "$$tmp"' EXIT; \
	$(PYTHON) -m venv $$tmp; \
	$$tmp/bin/pip --disable-pip-version-check install --quiet 'uv>=0.8'; \
	export PATH=$$tmp/bin:$$PATH; \
	$(LOCK) pyproject.toml --group dev -o requirements-dev.lock; \
	$(LOCK) pyproject.toml -c requirements-dev.lock -o requirements.lock; \
	$(LOCK) --group build -c requirements-dev.lock -o requirements-build.lock; \
	if grep -n '://' requirements*.lock; then \
	    echo 'В requirements*.lock попал адрес.' >&2; exit 1; \
	fi

clean:
	@rm -rf dist build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis \
	    snapshot_report.html
	@find omstui tests $(wildcard bench scripts) -name __pycache__ -prune -exec rm -rf {} +
