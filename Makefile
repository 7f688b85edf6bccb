# Needs python3 (3.11 or later, with venv and pip) and make; everything else is fetched from the package registry.

PYTHON ?= python3
PORT ?= 8501
BIN := .venv/bin

.PHONY: app test bench messages

app: .venv/app.stamp
	$(BIN)/explainers run --port $(PORT)

test: .venv/dev.stamp .venv/browser.stamp
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	EXPLAINERS_BROWSER=required OMP_NUM_THREADS=1 $(BIN)/pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder

bench: .venv/dev.stamp .venv/browser.stamp
	$(BIN)/python -m tests.benchmarks

messages: .venv/dev.stamp
	$(BIN)/pybabel extract --mapping-file=assets/locale/babel.cfg --add-location=file --sort-by-file --no-wrap \
		--project=explainers --header-comment="# The sentences of explainers, to be translated." \
		--output-file=assets/locale/explainers.pot .

.venv/venv.stamp:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "$(PYTHON) is too old: install Python 3.11 or later, or name one with make PYTHON=..." >&2; exit 1; }
	@$(PYTHON) -m venv .venv \
		|| { rm -rf .venv; echo "Python cannot make a virtual environment: install its venv module (Debian: apt-get install python3-venv)." >&2; exit 1; }
	@touch $@

.venv/app.stamp: pyproject.toml .venv/venv.stamp
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

.venv/dev.stamp: .venv/app.stamp
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[dev]"
	@touch $@

# The browser tests drive a Chromium or Chrome that is on the machine; Debian's is installed where we may.
.venv/browser.stamp: .venv/dev.stamp
	@$(BIN)/python -m tests.browser.chromium \
		|| { [ "$$(id -u)" = 0 ] && apt-get update && apt-get install --yes --no-install-recommends chromium; } \
		|| { sudo -n apt-get update && sudo -n apt-get install --yes --no-install-recommends chromium; } \
		|| { echo "No Chromium or Chrome was found or could be installed: install one, or set EXPLAINERS_CHROMIUM to its path." >&2; exit 1; }
	@$(BIN)/python -m tests.browser.chromium
	@touch $@
