#!/usr/bin/env bash
# Builds every fuzz/*_fuzz.cc with clang's libFuzzer, AddressSanitizer and UBSan in build-fuzz/ and
# runs each over its corpus. Usage: scripts/fuzz.sh [SECONDS each, 60]
# New inputs go to build-fuzz/corpus/, a crashing one to build-fuzz/: copy it to fuzz/corpus/NAME/
# when it is mended, and it is replayed by every later `make test`.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-60}
[[ -f build-fuzz/build.ninja ]] || CC=clang-14 CXX=clang++-14 cmake -S . -B build-fuzz -G Ninja \
  --log-level=WARNING -DCMAKE_BUILD_TYPE=RelWithDebInfo '-DCMAKE_CXX_FLAGS_RELWITHDEBINFO=-O1 -g1' \
  -DFIRTH_FUZZ=ON -DFIRTH_TESTS=OFF -DFIRTH_BENCH=OFF \
  -DFIRTH_SANITIZE=fuzzer-no-link,address,undefined
cmake --build build-fuzz -j "${JOBS:-$(nproc)}" --target firth_fuzz
failed=()
for source in fuzz/*_fuzz.cc; do
  name=$(basename "$source" .cc)
  corpus=fuzz/corpus/${name%_fuzz}
  mkdir -p "build-fuzz/corpus/$name"
  seeds=()
  [[ -d $corpus ]] && seeds=("$corpus")
  echo "fuzz: $name for $seconds s"
  if ! "build-fuzz/bin/$name" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=4096 \
       -print_final_stats=1 -artifact_prefix="build-fuzz/$name-" \
       "build-fuzz/corpus/$name" "${seeds[@]}" >"build-fuzz/$name.log" 2>&1; then
    failed+=("$name")
    tail -n 40 "build-fuzz/$name.log"
  fi
  grep -E '^stat::(number_of_executed_units|average_exec_per_sec)' "build-fuzz/$name.log" || true
done
if ((${#failed[@]})); then
  echo "fuzz: failed: ${failed[*]}" >&2
  exit 1
fi
