#!/usr/bin/env bash
# Builds the C++ tests with AddressSanitizer and UBSan at -O1 in build-asan/ and runs them. With the
# argument `python`: the Python package, and its tests.
# -O1 and -g1: half the time of -O0 to run, a third of -O2 to compile, and reports with lines.
set -euo pipefail
cd "$(dirname "$0")/.."
jobs=${JOBS:-$(nproc)}
[[ -f build-asan/build.ninja ]] || cmake -S . -B build-asan -G Ninja --log-level=WARNING \
  -DCMAKE_BUILD_TYPE=RelWithDebInfo '-DCMAKE_CXX_FLAGS_RELWITHDEBINFO=-O1 -g1' \
  -DFIRTH_SANITIZE=address,undefined -DFIRTH_BENCH=OFF
targets=(all)
tests=()
if [[ ${1:-} == python ]]; then
  cmake -S . -B build-asan --log-level=WARNING -DFIRTH_PYTHON=ON \
    "-DPython_EXECUTABLE=$PWD/${BUILD:-build}/python-env/bin/python"
  targets=(firth_python firth)
  tests=(-R Python.Package)
fi
cmake --build build-asan -j "$jobs" --target "${targets[@]}"
export ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1:allocator_may_return_null=1
export UBSAN_OPTIONS=print_stacktrace=1
ctest --test-dir build-asan --output-on-failure --no-tests=error -j "$jobs" "${tests[@]}"
