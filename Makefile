# The whole manual: `make` lists it. Nothing but Python ≥ 3.11 and a package index is needed.
PYTHON ?= python3
VENV   ?= .venv
BIN     = $(VENV)/bin
MODEL_DATA ?= $(SAFECITY_DIR)
BENCHMARKS = control-chart copies drift-quality first-prediction growth label-free-quality labelled-quality largest-calls load profile-privacy reference-privacy review-quality scale segments shares throughput waiting

# Where it is set, each of the programs that the tests start would compile every module again.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help run test unit check slow load hostile train samples screenshots bench figures peers clean

help: ## list the targets
	@grep -E '^[a-z-]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 14

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Afterword needs Python 3.11 or newer.")'
	$(PYTHON) -m venv $(VENV)

# The pins decide: an environment that has them is not touched, and needs no network.
$(VENV)/run.stamp: requirements.txt constraints.txt | $(BIN)/python
	$(BIN)/python -m pip install --disable-pip-version-check -q -r requirements.txt
	@touch $@

# What the tests need holds what the app needs.
$(VENV)/test.stamp: requirements.txt constraints.txt requirements-dev.txt | $(BIN)/python
	$(BIN)/python -m pip install --disable-pip-version-check -q -r requirements-dev.txt
	@touch $(VENV)/run.stamp $@

run: $(VENV)/run.stamp ## the app at http://localhost:8501
	$(BIN)/python -m streamlit run app.py

test: $(VENV)/test.stamp ## all tests but the slow ones and that under load; measures coverage
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder --cov

unit: $(VENV)/test.stamp ## the rooms that compute: neither browser nor real data, in a minute
	$(BIN)/python -m pytest -n 2 -m "not real_data and not slow and not whole" tests/test_house.py \
	  $(addprefix tests/,alerts drift files measures model monitoring quality store text)

check: $(VENV)/test.stamp ## style, types, rooms
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/python -m mypy

slow: $(VENV)/test.stamp ## what `test` shows as well: every look of every page, more samples, more simulations
	AFTERWORD_ALL_LOOKS=1 $(BIN)/python -m pytest -n 2 -m slow
	AFTERWORD_ALL_LOOKS=1 $(BIN)/python -m pytest -n 2 -m browser tests/e2e/test_access.py

load: $(VENV)/test.stamp ## the server under load: 10,000 predictions from 20 clients, and a browser
	$(BIN)/python -m pytest -m load tests/e2e/test_load.py

hostile: $(VENV)/test.stamp ## every file of the corpus that does harm or is broken, read here and by a server
	$(BIN)/python -m pytest -m hostile tests/hostile

train: $(VENV)/run.stamp ## the shipped model, from the folder that SAFECITY_DIR names
	$(BIN)/python -m afterword train --data "$(MODEL_DATA)" --out model \
	  --category "Ogling/Facial Expressions/Staring=Ogling" \
	  --category "Touching /Groping=Groping" \
	  --sample data/samples/ordinary-week.parquet

samples: $(VENV)/run.stamp ## the sample batches; the sample weeks too where SAFECITY_DIR names the data
	$(BIN)/python data/samples/make_samples.py
	$(if $(MODEL_DATA),$(BIN)/python data/samples/make_history.py --data "$(MODEL_DATA)")

screenshots: $(VENV)/test.stamp ## the pictures of README and docs, from the running app
	$(BIN)/python docs/screenshots.py

bench: $(VENV)/test.stamp ## a benchmark: NAME=drift-quality runs benchmarks/drift_quality.py; ARGS="--quick"
	@test -f benchmarks/$(subst -,_,$(NAME)).py || { echo "NAME is one of: $(BENCHMARKS)"; exit 2; }
	$(BIN)/python benchmarks/$(subst -,_,$(NAME)).py $(ARGS)

# In this order: halves that the first one makes, the others find again.
FIGURES = drift_quality shares growth copies segments label_free_quality labelled_quality review_quality

figures: $(VENV)/test.stamp ## all benchmarks of quality, and the documents from what they found
	set -e; for name in $(FIGURES); do $(BIN)/python benchmarks/$$name.py; done

# Each has pins that the app does not share; neither is needed by anything but these benchmarks.
peers: ## environments of the libraries that the benchmarks of quality compare with: MMD, LSDD, CBPE
	$(PYTHON) -m venv scratch/peers/alibi
	scratch/peers/alibi/bin/pip install --disable-pip-version-check -q "alibi-detect[tensorflow]==0.13.0"
	$(PYTHON) -m venv scratch/peers/nannyml
	scratch/peers/nannyml/bin/pip install --disable-pip-version-check -q nannyml==0.13.1 statsmodels

clean: ## remove the environment and caches
	rm -rf $(VENV) scratch/halves scratch/peers .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .coverage*
