#!/usr/bin/env bash
# Runs clang-tidy 14 over every source, or with --changed over the sources that differ from a base
# (and, for a changed header, over the source beside it or else the first that includes it). With
# --changed tests are left out: a third of a minute each, and GoogleTest is most of it. What passed
# once is not read again (lint_files.py).
# The base is FIRTH_LINT_BASE; else where this branch left origin/main; on main itself, the newest
# commit that is a day older than the last one.
set -euo pipefail
cd "$(dirname "$0")/.."
export LC_ALL=C

base_commit() {
  if [[ -n ${FIRTH_LINT_BASE:-} ]]; then
    git rev-parse --verify "$FIRTH_LINT_BASE^{commit}"
    return
  fi
  local fork last
  fork=$(git merge-base HEAD origin/main 2>/dev/null || true)
  if [[ -n $fork && $fork != "$(git rev-parse HEAD)" ]]; then
    echo "$fork"
    return
  fi
  last=$(git log -1 --format=%ct)
  git rev-list -1 --before=$((last - 86400)) HEAD
}

changed_files() {
  local base
  base=$(base_commit)
  if [[ -n $base ]]; then
    git diff --name-only --diff-filter=d "$base"
  else
    git ls-files
  fi
  git ls-files --others --exclude-standard
}

# Prints the sources to read for the changed files on stdin.
sources_of() {
  local file
  while read -r file; do
    case "$file" in
      *_test.cc) ;;
      *.cc) echo "$file" ;;
      *.h)
        if [[ -f ${file%.h}.cc ]]; then
          echo "${file%.h}.cc"
        else
          git grep -l -F "#include \"$file\"" -- '*.cc' | head -n 1 || true
        fi ;;
    esac
  done | sort -u
}

[[ -f build/build.ninja ]] || cmake -S . -B build -G Ninja -DCMAKE_BUILD_TYPE=Release --log-level=WARNING
if [[ ${1:-} == --changed ]]; then
  changed_files | sources_of
else
  git ls-files '*.cc'
fi | scripts/lint_files.py
