# The targets a person types; each is a thin call of a script in scripts/ or of cmake and ctest.
# `make` alone says what there is. Nothing here is needed to use CMake directly: see
# docs/getting-started.md and docs/architecture.md.
BUILD := build
JOBS  ?= $(shell nproc)
MODEL := models/all-MiniLM-L6-v2

.DEFAULT_GOAL := help
.PHONY: help python-env setup build model test test-python-all wheel demo bench format format-check lint asan asan-python fuzz dist install clean

help:  ## say what the targets do
	@echo 'firth: obtain embeddings, search and measure them'
	@echo
	@sed -n 's/^\([a-z-]*\):.*##\(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{printf "%-20s %s\n", $$1, $$2}'

setup:  ## install the missing Debian packages (sudo only when not root)
	@scripts/setup.sh build

build: setup  ## compile everything (Release) into build/; the program is build/firth
	@scripts/build.sh $(BUILD)

model: setup  ## get all-MiniLM-L6-v2 into models/
	@scripts/build.sh $(BUILD) firth
	@scripts/get_model.py $(BUILD)/firth $(MODEL)

python-env: setup
	@scripts/setup.sh python
	@scripts/python_env.sh $(BUILD)

test: python-env  ## compile and run every test, those of the Python package too
	@FIRTH_PYTHON=ON scripts/build.sh $(BUILD)
	@ctest --test-dir $(BUILD) --output-on-failure --no-tests=error -j $(JOBS)

test-python-all: python-env  ## the Python tests with pandas, polars, scikit-learn, LangChain, … and type checks
	@scripts/python_env.sh $(BUILD) all
	@FIRTH_PYTHON=ON scripts/build.sh $(BUILD) firth_python firth
	@FIRTH_PYTHON_PATH=$(CURDIR)/$(BUILD)/python $(BUILD)/python-env/bin/python -m pytest

wheel: python-env  ## make dist/firth-VERSION-….whl and try it where the system has no libraries
	@scripts/wheel.sh $(BUILD)

demo: setup  ## compile, get a model, embed a real collection, answer three questions
	@scripts/build.sh $(BUILD) firth
	@scripts/get_model.py $(BUILD)/firth $(MODEL)
	@scripts/demo.sh $(BUILD)/firth $(MODEL)

bench: build model  ## run firth and its peers in turn and print the ratios
	@scripts/setup.sh bench
	@scripts/bench.sh $(BENCH)

format:  ## format the C++ in place with clang-format 14
	@scripts/setup.sh check
	@scripts/format.sh

format-check:  ## fail when a file is not formatted
	@scripts/setup.sh check
	@scripts/format.sh --check

lint: setup  ## run clang-tidy 14 over all sources (CHANGED=1: changed ones only)
	@scripts/setup.sh check
	@scripts/lint.sh $(if $(CHANGED),--changed)

asan: setup  ## run the tests once more under AddressSanitizer and UBSan, in build-asan/
	@scripts/asan.sh

asan-python: python-env  ## run the Python tests once with the package under AddressSanitizer and UBSan
	@BUILD=$(BUILD) scripts/asan.sh python

fuzz: setup  ## run each libFuzzer target for 60 s (SECONDS_EACH=n), in build-fuzz/
	@scripts/setup.sh check
	@scripts/fuzz.sh $(SECONDS_EACH)

dist: build  ## make dist/firth-VERSION-linux-x86_64/, which needs nothing but glibc
	@scripts/dist.sh $(BUILD)

install: build  ## install under PREFIX (default /usr/local)
	@cmake --install $(BUILD) --prefix $(or $(PREFIX),/usr/local)

clean:  ## remove what was built (models/ stays)
	@rm -rf build build-asan build-fuzz dist
