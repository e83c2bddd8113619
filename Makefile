# The two commands of the README: `make run` and `make test`.

.PHONY: run test slow mutants gpu_check clean
.DELETE_ON_ERROR:

# Another Python 3.11 is taken with: make run PYTHON=/path/to/python3.11
PYTHON := python3.11 python3 python
VENV_PYTHON := .venv/bin/python
IS_3_11 := -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))'

run: .venv/.installed
	$(VENV_PYTHON) -m official.demonstration

test: .venv/.installed_for_tests
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	$(VENV_PYTHON) -m pytest -q --durations=10 -n auto --dist=loadfile

slow: .venv/.installed_for_tests
	$(VENV_PYTHON) -m pytest -q --durations=10 -m slow

# On a machine with a GPU: whether training on it is right, and how fast it is.
gpu_check: .venv/.installed
	$(VENV_PYTHON) -m benchmarks.gpu_check --output=runs/gpu_check.json

# Hours: which small changes of the package no test notices. runs/mutants.md tells.
mutants: .venv/.installed_for_tests
	$(VENV_PYTHON) -m tests.mutants --count=300 --seed=0

# What the user's own commands wrote, in runs/ too, stays.
clean:
	rm -rf .venv runs/demonstration .pytest_cache .hypothesis .ruff_cache
	find charbert_tf official benchmarks tests -name __pycache__ -prune \
	  -exec rm -rf {} +

.venv/.installed_for_tests: .venv/.installed tests/requirements.txt
	@echo "Installing tests/requirements.txt into .venv"
	@$(VENV_PYTHON) -m pip install --quiet --disable-pip-version-check \
	  --requirement tests/requirements.txt
	@touch $@

# The stamp comes last: an installation that was interrupted is taken up again. pip
# stands last in a new .venv, so one that lacks it is made anew.
.venv/.installed: requirements.txt
	@if ! $(VENV_PYTHON) -m pip --version >/dev/null 2>&1 \
	    || ! $(VENV_PYTHON) $(IS_3_11); then \
	  for python in $(PYTHON); do \
	    if $$python $(IS_3_11) 2>/dev/null; then found=$$python; break; fi; \
	  done; \
	  if [ -z "$$found" ]; then \
	    echo "error: Python 3.11 was not found: install it (Debian and Ubuntu:" \
	      "python3.11 and python3.11-venv), or name one with 'make PYTHON=...'" >&2; \
	    exit 1; \
	  fi; \
	  $$found -m venv --clear .venv; \
	fi
	@echo "Installing requirements.txt into .venv: a few minutes, once"
	@$(VENV_PYTHON) -m pip install --quiet --disable-pip-version-check \
	  --requirement requirements.txt
	@touch $@
