#!/usr/bin/env bash
# Formats the C++ files with clang-format 14, or with --check only tells which differ.
set -euo pipefail
cd "$(dirname "$0")/.."
mode=(-i)
[[ ${1:-} == --check ]] && mode=(--dry-run --Werror)
mapfile -t files < <(git ls-files --cached --others --exclude-standard '*.cc' '*.h' |
  while read -r file; do [[ -f $file ]] && echo "$file"; done)
((${#files[@]})) || exit 0
printf '%s\0' "${files[@]}" | xargs -0 -n 16 -P "$(nproc)" clang-format-14 --style=file "${mode[@]}"
echo "format: ${#files[@]} files"
