#!/usr/bin/env bash
# Runs a few tests of the release build on emulated processors: a Haswell (AVX2, no AVX-512) and the
# first x86-64 (SSE2 only). An instruction that the processor lacks ends a program with SIGILL.
# Usage: tests/qemu_smoke.sh BUILD_FOLDER
set -euo pipefail
cd "$(dirname "$0")/.."
folder=$1
if ! command -v qemu-x86_64 >/dev/null; then
  echo "qemu smoke: skipped, qemu-x86_64 (Debian: qemu-user) is not installed"
  exit 0
fi

# The emulator prints a warning for each feature of the model that it cannot give (pcid, x2apic, …):
# none that a program could use.
emulate() {
  local cpu=$1
  shift
  timeout 600 qemu-x86_64 -cpu "$cpu" "$@" 2> >(grep -v "TCG doesn't support" >&2)
}

run_on() {
  local cpu=$1 name filter
  echo "qemu smoke: $cpu"
  while read -r name filter; do
    [[ -x $folder/bin/$name ]] || continue
    emulate "$cpu" "$folder/bin/$name" --gtest_brief=1 --gtest_filter="$filter"
  done <<'TESTS'
firth_core_test -ThreadPool.*
firth_io_test Json*:Npy*:Safetensors*:Records*:Hash*
firth_text_test WordPiece*:Tokenizer*
firth_kernels_test *
firth_nn_test *
firth_models_test *
TESTS
  [[ -x $folder/firth ]] || return 0
  emulate "$cpu" "$folder/firth" doctor
  emulate "$cpu" "$folder/firth" similarity 23,32,14,10,1,0,3,2 3,2,4,0,41,30,31,12
}

run_on Haswell
# qemu64 less what the first processors of the kind lacked.
run_on qemu64,-sse3,-cx16,-popcnt
