# Two commands do everything on a fresh machine: `make quickstart` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: install quickstart test lint types docs parity example reproduction reproduction-document tradeoff growth clean

install: $(VENV)/.installed

# pip, and always with the constraints: an unpinned torch can pull gigabytes of GPU libraries.
$(VENV)/.installed: pyproject.toml constraints.txt
	@echo "Installing into $(VENV): two to ten minutes, about 4 GB with the frameworks."
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet -c constraints.txt -e ".[dev]"
	touch $@

quickstart: install
	$(BIN)/nstbench run suites/quickstart.yaml --out reports/quickstart
	@echo "The report is at $(CURDIR)/reports/quickstart/report.html"

# Files two at a time: most tests wait for a process that imports a framework on one core.
test: install
	$(BIN)/python -m pytest -n 2 --dist loadfile

lint: install
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: install
	$(BIN)/mypy

# The documentation, into site/; a warning is an error. Pages that are generated must be current.
docs: install
	$(BIN)/python documentation/generate.py --check
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet
	@echo "The site is in $(CURDIR)/site; to read it: $(BIN)/python -m http.server -d site"

# Prints how closely the backends agree with each other and with float64 references.
parity: install
	$(BIN)/nstbench verify

# Replaces the published copy of the quickstart's run.
example: quickstart
	$(BIN)/nstbench export reports/quickstart --out reports/example

# The report's Table 1 beside ours; IMAGES is a folder with sea-link.jpg and starry-night.jpg, WEIGHTS one with weights.
reproduction: install
	$(BIN)/python -m nstbench.reproduction run --images-dir "$(IMAGES)" $(if $(WEIGHTS),--weights-dir "$(WEIGHTS)")

reproduction-document: install
	$(BIN)/python -m nstbench.reproduction document

# The trade-off of every network at hand: runs suites/tradeoff.yaml and renews docs/tradeoff.md and its figures.
tradeoff: install
	$(BIN)/nstbench run suites/tradeoff.yaml --out reports/tradeoff
	$(BIN)/python -m nstbench.report.tradeoff_page reports/tradeoff docs

# How time and memory grow on this machine: about a quarter of an hour; renews benchmarks/results/growth.csv and
# docs/performance.md with its figures.
growth: install
	$(BIN)/python benchmarks/growth.py

clean:
	rm -rf $(VENV) site build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache
