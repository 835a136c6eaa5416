# Each target sets up what it needs by itself. Needs Python 3.11 or newer and GNU make; uses uv when it is installed.
VENV := .venv
PYTHON := $(VENV)/bin/python
RUN := $(VENV)/.run-time-installed
DEV := $(VENV)/.development-installed

UV := $(shell command -v uv 2>/dev/null)
ifneq ($(UV),)
CREATE = uv venv --quiet --python '>=3.11' $(VENV)
INSTALL = uv pip install --quiet --python $(PYTHON)
else
SYSTEM_PYTHON = $(firstword $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p; done) python3.11)
CREATE = $(SYSTEM_PYTHON) -m venv $(VENV)
INSTALL = $(PYTHON) -m pip install --quiet --disable-pip-version-check
endif

.PHONY: demo test sentinel lint audit faults bench bench-kafka bench-coding bench-posting bench-x12 judge-x12 fuzz-x12 fuzz-pipeline lock clean

demo: $(RUN)
	rm -rf revcycle-demo
	$(VENV)/bin/revcycle demo --data revcycle-demo

# Two halves side by side: what starts brokers, databases and workers mostly waits. The second prints when it has ended.
SERVICES := tests/faults tests/kafka tests/streams/kafka
SENTINEL := tests/sentinel
SECOND := build/test-services.log
test: $(DEV)
	@mkdir -p build
	@$(PYTHON) -m pytest $(SERVICES) >$(SECOND) 2>&1 & second=$$!; trap 'kill $$second' INT TERM; \
	$(PYTHON) -m pytest tests $(addprefix --ignore=,$(SERVICES) $(SENTINEL)); first=$$?; \
	echo "The half with brokers and databases ($(SERVICES)):"; \
	wait $$second; second=$$?; cat $(SECOND); test $$first -eq 0 && test $$second -eq 0

# A marked word in every field of PHI, through every command: some four minutes.
sentinel: $(DEV)
	$(PYTHON) -m pytest $(SENTINEL)

lint: $(DEV)
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports --no-logo

# Known vulnerabilities of what is locked (asks PyPI; who reaches nobody fails), licences, and a bill of materials.
audit: $(DEV)
	$(VENV)/bin/pip-audit --strict --disable-pip --require-hashes -r requirements-dev.txt
	$(PYTHON) -m pytest -q tests/audit
	mkdir -p build
	$(VENV)/bin/cyclonedx-py requirements requirements.txt --pyproject pyproject.toml --output-reproducible \
		--output-file build/sbom.cdx.json

# Every fault; DOSE=long takes an hour or more on two cores. REVCYCLE_FAULTS_SEED=N repeats a run.
DOSE ?= all
faults: $(DEV)
	REVCYCLE_FAULTS=$(DOSE) REVCYCLE_REQUIRE_KAFKA=1 $(PYTHON) -m pytest tests/faults -v --durations=0

bench-kafka: $(DEV)
	$(PYTHON) benchmarks/kafka/bench.py

bench: $(DEV)
	@set -e; for script in benchmarks/bench_*.py; do $(PYTHON) $$script; done

bench-x12: $(DEV)
	$(PYTHON) benchmarks/x12/bench.py --readme

# The corpus of claims that pyx12 judges in every test run, in full: some minutes.
judge-x12: $(DEV)
	REVCYCLE_CORPUS_CLAIMS=10000 $(PYTHON) -m pytest tests/judges -q

# Ten minutes of coverage-guided fuzzing of every X12 reader, from seeds of our own.
fuzz-x12: $(DEV)
	$(PYTHON) -m pip install --quiet --disable-pip-version-check atheris
	mkdir -p build/fuzz-x12 && $(PYTHON) tests/fuzz/fuzz_x12.py build/fuzz-x12 tests/fuzz/corpus -max_total_time=600

# Mutants of every event that a step takes, and of files of every kind: many times those of each test run. SEED=N goes
# on from there.
MUTANTS ?= 200000
SEED ?= 2500
fuzz-pipeline: $(DEV)
	$(PYTHON) -m tests.fuzz.fuzz_pipeline $(MUTANTS) $(SEED)
	REVCYCLE_FUZZ_FILES=600 $(PYTHON) -m pytest -q tests/fuzz/test_fuzz_files.py

bench-posting: $(DEV)
	$(PYTHON) benchmarks/bench_posting.py --large 50

bench-coding: $(DEV)
	$(PYTHON) -m benchmarks.coding.bench_coding

# Keeps every version that pyproject.toml still allows; to take the newest, remove the two files first.
LOCKER := $(or $(UV),$(VENV)/bin/uv)
COMPILE = UV_CUSTOM_COMPILE_COMMAND='make lock' $(LOCKER) pip compile pyproject.toml --quiet --universal \
	--python-version 3.11 --generate-hashes --no-emit-index-url
lock: $(LOCKER)
	$(COMPILE) --group build --output-file requirements.txt
	$(COMPILE) --group dev --constraint requirements.txt --output-file requirements-dev.txt

clean:
	rm -rf $(VENV) revcycle-demo build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# A virtual environment without pip is worse than none: one that could not be made whole is removed.
$(PYTHON):
	@$(CREATE) || { rm -rf $(VENV); \
		echo "No virtual environment: this needs Python 3.11 or newer with its venv module (Debian: python3-venv)." >&2; \
		exit 1; }

$(VENV)/bin/uv: | $(PYTHON)
	$(INSTALL) uv

# The checkout itself goes in last and alone: pip takes no editable install under --require-hashes.
define install
	@echo "Installing what $(1) locks into $(VENV) ..."
	@$(INSTALL) --require-hashes -r $(1)
	@$(INSTALL) --no-deps --no-build-isolation -e .
endef

$(RUN): requirements.txt pyproject.toml | $(PYTHON)
	$(call install,requirements.txt)
	@touch $@

$(DEV): requirements-dev.txt pyproject.toml | $(PYTHON)
	$(call install,requirements-dev.txt)
	@touch $(RUN) $@
