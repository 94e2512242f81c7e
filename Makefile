# Two commands on a fresh clone: `make demo` and `make test`. Everything else is for developers.
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3; do $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
READY := .venv/.ready

.PHONY: setup demo test lint check bench bench-setup bench-store fuzz docs lock clean

setup: $(READY)

$(READY): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Disavow needs Python 3.11 or newer"; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check 'uv>=0.9,<1'
	VIRTUAL_ENV=.venv $(BIN)/uv pip install --quiet --require-hashes -r requirements.lock
	VIRTUAL_ENV=.venv $(BIN)/uv pip install --quiet --no-deps -e .
	touch $@

demo: setup
	$(BIN)/disavow demo --html demo-report.html

lint: setup
	$(BIN)/ruff check src tests benchmarks
	$(BIN)/mypy

check: setup
	$(BIN)/python -m pytest $(ARGS)

test: setup system lint check

# Real servers and a browser for the tests that need them; elsewhere those tests skip by name.
.PHONY: system
system:
	@sh tests/system.sh

bench-setup: setup
	VIRTUAL_ENV=.venv $(BIN)/uv pip install --quiet -r benchmarks/requirements.lock

bench: bench-setup
	$(BIN)/python -m benchmarks $(ARGS)

bench-store: bench-setup
	DISAVOW_BENCH_ROWS=50000000 $(BIN)/python -m benchmarks store

fuzz: setup
	$(BIN)/python -m tests.fuzz $(ARGS)

docs: setup
	VIRTUAL_ENV=.venv $(BIN)/uv pip install --quiet -r docs/requirements.lock
	$(BIN)/sphinx-build -q -W -b html docs docs/_build/html
	$(BIN)/sphinx-build -q -W -b man docs docs/_build/man

lock:
	$(BIN)/uv export --quiet --all-extras --no-emit-project --no-emit-index-url --no-header --no-annotate -o requirements.lock
	$(BIN)/uv export --quiet --only-group benchmarks --no-emit-project --no-emit-index-url --no-header --no-annotate -o benchmarks/requirements.lock
	$(BIN)/uv export --quiet --only-group docs --no-emit-project --no-emit-index-url --no-header --no-annotate -o docs/requirements.lock
	rm -f uv.lock

clean:
	rm -rf .venv .mypy_cache .ruff_cache .hypothesis
