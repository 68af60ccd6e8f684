#!/usr/bin/env bash
# Makes the dist folder in a scratch place; scripts/dist.sh checks it with ldd and in a chroot.
# Usage: tests/dist_test.sh BUILD_FOLDER
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
"$(dirname "$0")/../scripts/dist.sh" "$1" "$scratch/firth"
