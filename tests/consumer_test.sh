#!/usr/bin/env bash
# Installs the library into a scratch folder, then configures, builds and runs tests/consumer against
# it. Usage: tests/consumer_test.sh BUILD_FOLDER COMPILER
set -euo pipefail
source_dir=$(cd "$(dirname "$0")" && pwd)
build=$1
scratch=$(mktemp -d "$build/consumer.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
cmake --install "$build" --prefix "$scratch/prefix" --component library >/dev/null
cmake -S "$source_dir/consumer" -B "$scratch/build" -G Ninja --log-level=WARNING \
  -DCMAKE_PREFIX_PATH="$scratch/prefix" -DCMAKE_CXX_COMPILER="$2" -DCMAKE_BUILD_TYPE=Release
cmake --build "$scratch/build"
"$scratch/build/core_only"
"$scratch/build/consumer" "$source_dir/fixtures/models/sentence-transformer"
