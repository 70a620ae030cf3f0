# The two commands of the README are `make report` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# A lock is installed as it is, by its hashes: nothing is resolved and nothing built with tools from
# elsewhere, so that a later release of any package changes nothing.
INSTALL := $(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --require-hashes
CHECK := $(BIN)/python .ci/check_lock.py
COMPILE := $(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-header --upgrade
SUDO := $(if $(filter 0,$(shell id -u)),,sudo)

.PHONY: report test lint docs everywhere notebooks metadata lab lock wheel spark bench fuzz mutate browser clean

report: $(VENV)/.report-ready
	$(BIN)/flows build
	@echo "reports/appendix.pdf is the report; $(BIN)/flows open shows it in the browser"

test: $(VENV)/.dev-ready
	$(BIN)/python -m pytest -n auto --dist worksteal $(ARGS)

lint: $(VENV)/.dev-ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# The documentation as pages, docs/_build/html/index.html; a warning is an error.
docs: $(VENV)/.docs-ready
	rm -rf docs/_build docs/reference/generated
	$(BIN)/python -m sphinx --quiet --fail-on-warning --keep-going -c docs -d docs/_build/doctrees . docs/_build/html
	@echo "docs/_build/html/index.html is the first page"

# What the engine Spark needs: its package, and Java where there is none.
spark: $(VENV)/.spark-ready

# All that people wait for, timed beside the programs that do the same; writes docs/speed.md.
# `make bench ARGS=--quick` takes small inputs and prints alone.
bench: $(VENV)/.bench-ready
	$(BIN)/python tests/benchmarks/bench.py $(ARGS)

# The parsers fed with damaged and invented files, led by coverage, a minute each: a run for a night.
# `make fuzz ARGS="--seconds 10 load-baci"`; `--total 60` takes as many targets as a minute has room
# for. It needs a Python that Atheris has a wheel for; `make test` runs the kept inputs on any.
fuzz: $(VENV)/.fuzz-ready
	$(BIN)/python tests/fuzzing/fuzz.py $(ARGS)

# What the tests notice when measure, models or compare are changed: a sample, the same for a seed.
# `make mutate ARGS="--share 0.02"`; `--share 1` tries every change, for some nights.
mutate: $(VENV)/.mutate-ready
	$(BIN)/python tests/mutation/mutate.py $(ARGS)

# What the tests of pages need: Debian's Chromium where there is none; the tests start it themselves.
browser: $(VENV)/.dev-ready
	command -v chromium >/dev/null || { $(SUDO) apt-get update -qq && $(SUDO) apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core fonts-liberation; }

# The notebooks with what they show now; a test holds their texts to a new run.
notebooks: $(VENV)/.dev-ready
	$(BIN)/python .ci/notebooks.py

# CITATION.cff, .zenodo.json and codemeta.json from the one list of facts in the package.
metadata: $(VENV)/.report-ready
	$(BIN)/python .ci/metadata.py

lab: $(VENV)/.dev-ready
	$(BIN)/jupyter lab notebooks

# The newest versions that fit together, with their hashes; requirements.txt is for people to read.
lock: $(BIN)/uv
	$(COMPILE) --extra build --output-file requirements.lock
	$(COMPILE) --extra build --extra dev --constraint requirements.lock --output-file requirements-dev.lock
	$(COMPILE) --extra spark --constraint requirements-dev.lock --output-file requirements-spark.lock
	$(COMPILE) --extra docs --constraint requirements-dev.lock --output-file requirements-docs.lock
	$(COMPILE) --extra bench --constraint requirements-dev.lock --output-file requirements-bench.lock
	$(COMPILE) --extra fuzz --constraint requirements-dev.lock --output-file requirements-fuzz.lock
	$(COMPILE) --extra mutate --constraint requirements-dev.lock --output-file requirements-mutate.lock
	{ echo "# The versions behind the report, for people; make installs requirements.lock, which has the hashes."; \
	  sed -n '/^[a-z]/s/ \\$$//p' requirements.lock; } > requirements.txt

# The package as a file, and the hash by which another project pins it.
wheel: $(VENV)/.report-ready
	rm -rf dist
	$(BIN)/python -m pip wheel --quiet --no-deps --no-build-isolation --wheel-dir dist .
	$(BIN)/python -m pip hash dist/*.whl

# The report under other kernels, threads, locales, clocks, folders and Pythons: the same bytes.
everywhere: $(VENV)/.report-ready
	$(BIN)/python .ci/everywhere.py $(ARGS)

clean:
	rm -rf $(VENV) .flows .fuzz mutants mutants.log .pytest_cache .mypy_cache .ruff_cache .coverage* build dist docs/_build docs/reference/generated
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.report-ready: requirements.lock pyproject.toml | $(BIN)/python
	$(INSTALL) -r requirements.lock
	$(CHECK) requirements.lock build
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

$(VENV)/.dev-ready: requirements-dev.lock $(VENV)/.report-ready
	$(INSTALL) -r requirements-dev.lock
	$(CHECK) requirements-dev.lock build dev
	touch $@

$(VENV)/.docs-ready: requirements-docs.lock $(VENV)/.report-ready
	$(INSTALL) -r requirements-docs.lock
	$(CHECK) requirements-docs.lock docs
	touch $@

$(VENV)/.spark-ready: requirements-spark.lock $(VENV)/.dev-ready
	command -v java >/dev/null || { $(SUDO) apt-get update -qq && $(SUDO) apt-get install -y -qq openjdk-17-jre-headless; }
	$(INSTALL) -r requirements-spark.lock
	$(CHECK) requirements-spark.lock spark
	touch $@

$(VENV)/.bench-ready: requirements-bench.lock $(VENV)/.report-ready
	$(INSTALL) -r requirements-bench.lock
	$(CHECK) requirements-bench.lock bench
	touch $@

$(VENV)/.fuzz-ready: requirements-fuzz.lock $(VENV)/.dev-ready
	$(INSTALL) -r requirements-fuzz.lock || { echo "Atheris has wheels for Linux (x86-64) and Python 3.11 to 3.13: make PYTHON=python3.11 VENV=.venv-fuzz fuzz" >&2; exit 1; }
	$(CHECK) requirements-fuzz.lock fuzz
	touch $@

$(VENV)/.mutate-ready: requirements-mutate.lock $(VENV)/.dev-ready
	$(INSTALL) -r requirements-mutate.lock
	$(CHECK) requirements-mutate.lock mutate
	touch $@

# Without the check, so that a lock which lacks a line can be written anew.
$(BIN)/uv: | $(BIN)/python
	$(INSTALL) -r requirements-dev.lock
