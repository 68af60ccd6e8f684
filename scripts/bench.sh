#!/usr/bin/env bash
# Times firth beside its peers: makes .venv-bench with the pinned peers (once), then runs
# bench/run.py with the arguments given. torch comes first: with it there, the others bring no other.
set -euo pipefail
cd "$(dirname "$0")/.."
venv=.venv-bench
if [[ ! -f $venv/installed || bench/requirements.txt -nt $venv/installed ]]; then
  echo "bench: installing the peers of bench/requirements.txt into $venv"
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check "$(grep '^torch==' bench/requirements.txt)"
  "$venv/bin/pip" install --quiet --disable-pip-version-check -r bench/requirements.txt
  touch "$venv/installed"
fi
exec "$venv/bin/python" bench/run.py "$@"
