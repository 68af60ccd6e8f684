#!/usr/bin/env bash
# Configures (Ninja, Release) when needed and builds. Usage: scripts/build.sh FOLDER [TARGET...]
# With FIRTH_PYTHON=ON in the environment the Python package is built too, by FOLDER/python-env.
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
python=$(sed -n 's/^FIRTH_PYTHON:BOOL=//p' "$folder/CMakeCache.txt")
if [[ ${FIRTH_PYTHON:-} == ON && $python != ON ]]; then
  cmake -S . -B "$folder" -DFIRTH_PYTHON=ON "-DPython_EXECUTABLE=$PWD/$folder/python-env/bin/python" \
    --log-level=WARNING
fi
echo "build: ${*:-everything} in $folder"
cmake --build "$folder" -j "${JOBS:-$(nproc)}" ${1:+--target "$@"}
