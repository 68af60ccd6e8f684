#!/usr/bin/env bash
# Installs the Debian packages that firth needs and that are missing; nothing else, and nothing at
# all when every one is there. Usage: scripts/setup.sh [build|check|python|pip|bench]...
#   build  compiler, CMake, libraries, GoogleTest (the default)
#   check  clang tools and qemu, for make format, lint and fuzz and for CI
#   python venv and headers, where the Python on the path has none, for the Python package
#   pip    pip, where the Python on the path has none
#   bench  venv, for the programs that firth is compared with
# docs/dependencies.md says what each is for. Elsewhere than on Debian or Ubuntu it only lists them.
set -euo pipefail

packages_of() {
  case "$1" in
    build) echo g++ cmake ninja-build pkg-config ccache mold \
                zlib1g-dev libzstd-dev libxxhash-dev libsimdjson-dev libonig-dev nlohmann-json3-dev \
                libhwy-dev libcli11-dev libcurl4-openssl-dev libssl-dev libgtest-dev ;;
    check) echo clang-14 libclang-rt-14-dev clang-format-14 clang-tidy-14 qemu-user ;;
    python) python3 -c 'import ensurepip, venv' 2>/dev/null || echo python3-venv ca-certificates
            python3 -c 'import os, sysconfig as s; os.stat(s.get_path("include") + "/Python.h")' \
              2>/dev/null || echo python3-dev ;;
    pip)   python3 -m pip --version >/dev/null 2>&1 || echo python3-pip ca-certificates ;;
    bench) python3 -c 'import ensurepip, venv' 2>/dev/null || echo python3-venv ;;
    *) echo "scripts/setup.sh: unknown group '$1'; known: build check python pip bench" >&2; exit 2 ;;
  esac
}

wanted=()
for group in "${@:-build}"; do
  list=$(packages_of "$group")
  read -ra names <<<"$list"
  wanted+=("${names[@]}")
done

if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
  echo "setup: no apt-get here; these Debian packages (or their like) are needed: ${wanted[*]}" >&2
  exit 0
fi

missing=()
for name in "${wanted[@]}"; do
  state=$(dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null || true)
  [[ $state == installed ]] || missing+=("$name")
done
((${#missing[@]})) || exit 0

as_root=()
if [[ $(id -u) != 0 ]]; then
  command -v sudo >/dev/null || {
    echo "setup: not root and no sudo; have these installed: apt-get install ${missing[*]}" >&2
    exit 1
  }
  as_root=(sudo)
fi
echo "setup: installing ${#missing[@]} Debian packages${as_root[0]:+ with sudo}: ${missing[*]}"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
apt() { "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300 "$@"; }
# A source of the person's own that cannot be reached must not stop us: what counts is whether the
# packages install.
apt update >"$log" 2>&1 || echo "setup: apt-get update reported a problem; going on"
if ! apt install -y --no-install-recommends "${missing[@]}" >>"$log" 2>&1; then
  tail -n 30 "$log" >&2
  echo "setup: apt-get could not install: ${missing[*]}" >&2
  exit 1
fi
echo "setup: done"
