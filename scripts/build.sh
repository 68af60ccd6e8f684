#!/usr/bin/env bash
# Configures (Ninja, Release) when needed and builds. Usage: scripts/build.sh FOLDER [TARGET...]
set -euo pipefail
cd "$(dirname "$0")/.."
folder=$1
shift
# A folder of another generator or with a half-made cache is configured again; ninja itself sees
# changed CMake files.
if [[ ! -f $folder/build.ninja ]]; then
  echo "build: configuring $folder (Ninja, Release)"
  cmake -S . -B "$folder" -G Ninja -DCMAKE_BUILD_TYPE=Release --log-level=WARNING
fi
echo "build: ${*:-everything} in $folder"
cmake --build "$folder" -j "${JOBS:-$(nproc)}" ${1:+--target "$@"}
