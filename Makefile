# Every command of this project. `make help` lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PYTHONUTF8 := 1
# Tests start hundreds of commands: none should compile the program anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup demo test proof proof-timing check format sbom bench serve servers clean

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 18

setup: $(VENV)/.installed ## make .venv and install everything that is needed

$(VENV)/.installed: requirements.txt requirements-dev.txt constraints.txt pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt -r requirements-dev.txt -c constraints.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

demo: setup ## an invented office: letters, scans, users; opens the search page
	$(BIN)/petitions --home var/demo demo

servers: .cache/tika-server.jar .cache/elasticsearch-9.5.0 ## fetch the servers that the tests start

.cache/tika-server.jar:
	mkdir -p .cache
	mvn --batch-mode --quiet dependency:copy -Dartifact=org.apache.tika:tika-server:1.28.5 -DoutputDirectory=.cache -Dmdep.stripVersion=true

.cache/elasticsearch-9.5.0: | .cache/tika-server.jar
	mkdir -p .cache
	cd .cache && mvn --batch-mode --quiet dependency:unpack -Dartifact=org.elasticsearch.distribution.integ-test-zip:elasticsearch:9.5.0:zip -DoutputDirectory=.

test: setup ## the whole suite
	$(BIN)/python -m pytest -n 2 --dist loadgroup

proof: setup ## 50,000 requests to two offices on each engine: what is hidden changes no answer
	PETITIONS_PROOF_CASES=50000 $(BIN)/python -m pytest -n 2 --dist loadgroup tests/proof

proof-timing: setup ## time tells nothing either: in pairs, to 1 %; on a quiet machine
	$(BIN)/python -m tests.proof.timing

check: setup ## format, lint, types, import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: setup ## put the code into its form
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

sbom: setup ## every part that is installed, as CycloneDX: var/sbom.cdx.json
	mkdir -p var
	$(BIN)/cyclonedx-py environment $(BIN)/python --pyproject pyproject.toml --output-reproducible --output-file var/sbom.cdx.json

bench: setup ## speed and quality against baselines; prints ratios
	$(BIN)/python -m bench

serve: setup ## the server on your own office in ./var
	$(BIN)/petitions serve

clean: ## remove the environment and caches (never ./var)
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
