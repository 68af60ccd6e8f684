#!/usr/bin/env bash
# Times firth beside its peers: makes .venv-bench with the pinned peers (once), then runs
# bench/run.py with the arguments given, or bench/NAME.py where the first of them is such a NAME:
#   scripts/bench.sh --threads 2        scripts/bench.sh search --rows 1000000
# torch comes first: with it there, the others bring no other.
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
script=run
if [[ ${1:-} =~ ^[a-z]+$ && -f bench/$1.py ]]; then
  script=$1
  shift
fi
exec "$venv/bin/python" "bench/$script.py" "$@"
