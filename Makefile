# The two commands of the README are `make report` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SUDO := $(if $(filter 0,$(shell id -u)),,sudo)

.PHONY: report test lint lab lock spark clean

report: $(VENV)/.report-ready
	$(BIN)/flows build

test: $(VENV)/.dev-ready
	$(BIN)/python -m pytest -n auto $(ARGS)

lint: $(VENV)/.dev-ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# What the engine Spark needs: its package, and Java where there is none.
spark: $(VENV)/.spark-ready

lab: $(VENV)/.dev-ready
	$(BIN)/jupyter lab notebooks

lock: $(VENV)/.dev-ready
	$(BIN)/uv pip compile pyproject.toml --extra build --universal --python-version 3.11 --generate-hashes --no-header --upgrade --output-file requirements.txt
	$(BIN)/uv pip compile pyproject.toml --extra build --extra dev --constraint requirements.txt --universal --python-version 3.11 --generate-hashes --no-header --upgrade --output-file requirements-dev.txt
	$(BIN)/uv pip compile pyproject.toml --extra spark --constraint requirements-dev.txt --universal --python-version 3.11 --generate-hashes --no-header --upgrade --output-file requirements-spark.txt

clean:
	rm -rf $(VENV) .flows .pytest_cache .mypy_cache .ruff_cache .coverage* build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.report-ready: requirements.txt pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

$(VENV)/.dev-ready: requirements-dev.txt $(VENV)/.report-ready
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements-dev.txt
	touch $@

$(VENV)/.spark-ready: requirements-spark.txt $(VENV)/.dev-ready
	command -v java >/dev/null || { $(SUDO) apt-get update -qq && $(SUDO) apt-get install -y -qq openjdk-17-jre-headless; }
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements-spark.txt
	touch $@
