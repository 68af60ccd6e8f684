#!/usr/bin/env bash
# Makes FOLDER/python-env, a virtual environment with what the Python package is built and tested with
# (tests/python/requirements.txt; with `all` also tests/python/requirements-all.txt: the libraries that
# it works together with). Does nothing when it is there and the lists have not changed.
# Usage: scripts/python_env.sh FOLDER [all]
set -euo pipefail
cd "$(dirname "$0")/.."
env=$1/python-env
lists=(tests/python/requirements.txt)
[[ ${2:-} == all ]] && lists+=(tests/python/requirements-all.txt)

for list in "${lists[@]}"; do
  stamp=$env/.installed-$(basename "$list")
  if [[ -f $stamp ]] && cmp -s "$list" "$stamp"; then
    continue
  fi
  [[ -x $env/bin/python ]] || { mkdir -p "$1" && python3 -m venv "$env"; }
  echo "python: installing $(grep -vc '^#' "$list") packages of $list into $env"
  "$env/bin/python" -m pip install -q --disable-pip-version-check -r "$list"
  cp "$list" "$stamp"
done
