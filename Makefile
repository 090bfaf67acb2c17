# Everything this project is built, run and tested with. `make help` lists the targets.
SHELL := /bin/bash
.DEFAULT_GOAL := help

DATA ?= .data
LISTEN ?= 127.0.0.1:8000
S3_LISTEN ?= 127.0.0.1:9000
VENV := .venv

.PHONY: help build run test check bench environment clean openapi

help: ## Lists the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: environment ## Builds target/release/castalia and the Python environment of the process types
	cargo build --release --locked -p castalia

run: build ## Builds, prepares and starts a server with a demo project on http://$(LISTEN)
	target/release/castalia serve --data $(DATA) --listen $(LISTEN) --s3-listen $(S3_LISTEN) --demo

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
	rm -rf target $(VENV)
