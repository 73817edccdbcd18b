# The whole manual. Nothing but Python ≥ 3.11 and a package index is needed.
PYTHON ?= python3
VENV   ?= .venv
BIN     = $(VENV)/bin
MODEL_DATA ?= $(SAFECITY_DIR)

.DEFAULT_GOAL := help
.PHONY: help run test test-slow load load-table looks check train samples sample-weeks screenshots benchmark control-chart drift-quality label-free-quality labelled-quality review-quality clean

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

test: $(VENV)/test.stamp ## all tests but the slow ones and that under load
	$(BIN)/python -m pytest -n 3 --dist loadfile

test-slow: $(VENV)/test.stamp ## the slow ones: more samples in the browser, more simulations
	$(BIN)/python -m pytest -n 2 -m slow

load: $(VENV)/test.stamp ## the server under load: 10,000 predictions from 20 clients, and a browser
	$(BIN)/python -m pytest -m load tests/e2e/test_load.py

load-table: $(VENV)/test.stamp ## 30 clients without pause and 5 browsers for 2 minutes: what was answered and recorded
	$(BIN)/python benchmarks/load.py --clients 30 --browsers 5 --seconds 120

looks: $(VENV)/test.stamp ## every page, wide and on a phone, light and dark, for everyone
	AFTERWORD_ALL_LOOKS=1 $(BIN)/python -m pytest -n 2 -m browser tests/e2e/test_access.py

check: $(VENV)/test.stamp ## style, types, floors
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m mypy
	$(BIN)/lint-imports

train: $(VENV)/run.stamp ## the shipped model, from the folder that SAFECITY_DIR names
	$(BIN)/python -m afterword train --data "$(MODEL_DATA)" --out model \
	  --category "Ogling/Facial Expressions/Staring=Ogling" \
	  --category "Touching /Groping=Groping" \
	  --sample data/samples/ordinary-week.parquet

samples: $(VENV)/run.stamp ## the sample batches
	$(BIN)/python data/samples/make_samples.py

sample-weeks: $(VENV)/run.stamp ## the eight sample weeks, from the folder that SAFECITY_DIR names
	$(BIN)/python data/samples/make_history.py --data "$(MODEL_DATA)"

screenshots: $(VENV)/test.stamp ## the pictures of README and docs, from the running app
	$(BIN)/python docs/screenshots.py

benchmark: $(VENV)/test.stamp ## the figures of the README
	$(BIN)/python benchmarks/throughput.py

control-chart: $(VENV)/test.stamp ## false alarms a year of the control charts, and what they find
	$(BIN)/python benchmarks/control_chart.py

drift-quality: $(VENV)/test.stamp ## docs/drift-quality.md: false alarms and changes found
	$(BIN)/python benchmarks/drift_quality.py --data "$(MODEL_DATA)"

review-quality: $(VENV)/test.stamp ## the figures of docs/review.md: bias, coverage and width of intervals
	$(BIN)/python benchmarks/review.py --data "$(MODEL_DATA)"

label-free-quality: $(VENV)/test.stamp ## how near quality without labels comes to that with labels
	$(BIN)/python benchmarks/label_free_quality.py --data "$(MODEL_DATA)"

labelled-quality: $(VENV)/test.stamp ## false alarms and falls found where a batch has labels
	$(BIN)/python benchmarks/labelled_quality.py --data "$(MODEL_DATA)"

clean: ## remove the environment and caches
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
