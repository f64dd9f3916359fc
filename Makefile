# Everything a fresh clone needs. `make demo` and `make test` set themselves up.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: help install models demo serve test test-clients node-clients fuzz check format bench bench-analysis bench-erase bench-subtitles clean

help:
	@echo "make demo [MEDIA=file]  the whole walk: server, official SDK, real subtitles and tags"
	@echo "make serve              the server on http://127.0.0.1:9000, data in ./data"
	@echo "make test               every test"
	@echo "make test-clients       every official client runs the same steps; one matrix [JSON=file]"
	@echo "make fuzz               the property tests again, in depth"
	@echo "make check              style, types, layers, generated files"
	@echo "make bench [DATA=dir]   speed and quality, next to peers"
	@echo "make bench-subtitles    subtitles, against known truth and peers [DATA=dir] [JSON=file] [QUICK=1]"
	@echo "make bench-analysis     analysis, against known truth and peers [DATA=dir] [JSON=file] [QUICK=1] [LONG=1]"
	@echo "make bench-erase        erasing, against known truth and peers [DATA=dir] [JSON=file] [QUICK=1] [LONG=1]"

.venv/.installed: requirements/dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "OpenVOD needs Python 3.11 or newer; try make PYTHON=python3.12")'
	@echo "Setting up .venv and fetching what it needs; this first time takes a few minutes."
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

models: .venv/.installed
	$(BIN)/openvod models pull --clips

# Media processes write nothing into the source tree: without this, each would compile all that it imports.
install: .venv/.installed models
	@$(BIN)/python -m compileall -q src

demo: install
	$(BIN)/openvod demo $(if $(MEDIA),--media "$(MEDIA)")

serve: install
	$(BIN)/openvod serve

test: install
	$(BIN)/python -m pytest -n auto --dist loadfile

test-clients: install build/clients/python/.installed build/clients/python-intl/.installed node-clients
	$(BIN)/python -m tests.clients $(if $(JSON),--json "$(JSON)")

# Official clients in venvs of their own: both packages are called `tencentcloud`.
build/clients/%/.installed: requirements/clients-%.txt
	$(PYTHON) -m venv --clear $(@D)
	$(@D)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

# Where npm is missing, the matrix says so.
node-clients:
	@if command -v npm >/dev/null; then $(MAKE) --no-print-directory build/clients/node_modules/.installed; fi

build/clients/node_modules/.installed: tests/clients/node/package-lock.json
	@mkdir -p build/clients
	cp tests/clients/node/package.json tests/clients/node/package-lock.json build/clients/
	npm ci --prefix build/clients --no-audit --no-fund --loglevel=error
	@touch $@

fuzz: .venv/.installed
	OPENVOD_FUZZ=deep $(BIN)/python -m pytest tests/fuzz

check: .venv/.installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/python -m scripts.docs --check

format: .venv/.installed
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: install .venv-bench/.installed
	$(BIN)/python -m benchmarks $(if $(DATA),--data "$(DATA)") $(if $(JSON),--json "$(JSON)")

bench-erase: install .venv-bench/.installed
	$(BIN)/python -m benchmarks.erase $(if $(DATA),--data "$(DATA)") $(if $(JSON),--json "$(JSON)") \
		$(if $(QUICK),--quick) $(if $(LONG),--long)

bench-subtitles: install .venv-bench/.installed
	$(BIN)/python -m benchmarks.subtitles $(if $(DATA),--data "$(DATA)") $(if $(JSON),--json "$(JSON)") \
		$(if $(QUICK),--quick)

bench-analysis: install .venv-bench/.installed
	$(BIN)/python -m benchmarks.analysis $(if $(DATA),--data "$(DATA)") $(if $(JSON),--json "$(JSON)") \
		$(if $(QUICK),--quick) $(if $(LONG),--long)

# The peers that the benches compare with; apart, because they pin what they like.
.venv-bench/.installed: requirements/bench.txt
	$(PYTHON) -m venv .venv-bench
	.venv-bench/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bench.txt
	@touch $@

clean:
	rm -rf .venv .venv-bench .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis dist build demo-output
