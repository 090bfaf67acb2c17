# Everything this project is built, run and tested with. `make help` lists the targets.
SHELL := /bin/bash
.DEFAULT_GOAL := help

DATA ?= .data
LISTEN ?= 127.0.0.1:8000
S3_LISTEN ?= 127.0.0.1:9000
VENV := .venv

.PHONY: ide help build run test check bench environment web web-budget screenshots clean openapi

help: ## Lists the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: environment web ## Builds the web app, target/release/castalia with it, and the Python environment of the process types
	cargo build --release --locked -p castalia

run: build ## Builds, prepares and starts a server with a demo project on http://$(LISTEN)
	path=$$(scripts/test-jupyterhub); [ ! -x target/test-ide/bin/code-server ] || path=$$path:$(CURDIR)/target/test-ide/bin; \
	target/release/castalia serve --data $(DATA) --listen $(LISTEN) --s3-listen $(S3_LISTEN) --demo --workspace-path "$$path" \
	  --kernel-path "$$(scripts/test-kernels)"

ide: ## Installs an IDE server (code-server, 800 MB, some minutes) for workspaces; `make run` finds it
	scripts/test-ide

web: web/dist/index.html ## Builds the web app that the program embeds

web/dist/index.html: web/node_modules/.package-lock.json $(shell find web/src web/public web/tools -type f -not -path '*/node_modules/*') web/index.html web/vite.config.ts web/tsconfig.json
	cd web && npm run build && npm run pack

web/node_modules/.package-lock.json: web/package.json web/package-lock.json
	@echo "== libraries of the web app (web/node_modules)"
	cd web && npm ci --no-audit --no-fund
	touch $@

web-budget: web ## Prints the sizes of the web app against their limits
	cd web && npm run --silent budget

screenshots: web ## Takes a picture of every screen in both themes (web/e2e/shots)
	scripts/test-web --pictures

environment: $(VENV)/complete ## Makes the virtualenv of the bootstrap process types

$(VENV)/complete: $(shell find python -name '*.py' -path '*/src/*') python/castalia/pyproject.toml python/bootstrap/pyproject.toml
	@echo "== Python environment of the bootstrap process types ($(VENV))"
	python3 -m venv $(VENV)
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check ./python/castalia ./python/bootstrap
	touch $@

check: ## Formatting, lints and documentation
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --locked --quiet

test: ## Installs what the tests need and runs every test
	scripts/test

bench: ## Prints the benchmark table
	bench/run

openapi: ## Writes docs/openapi.json anew
	cargo run --quiet --locked -p castalia -- openapi > docs/openapi.json

clean: ## Removes everything that was built
	rm -rf target $(VENV) web/dist web/node_modules web/tools/node_modules
