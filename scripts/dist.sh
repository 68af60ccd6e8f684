#!/usr/bin/env bash
# Makes dist/firth-VERSION-linux-x86_64/ from a built tree: bin/firth, a small static launcher of
# libexec/firth, and beside them in lib/ every library that is not glibc's own, so that it runs
# wherever a glibc as new as this machine's is.
# libcurl and libcrypto, which `firth pull` loads when it runs, come along with what they need, and
# the licence of each in share/doc/firth/bundled/.
# Bundled rather than linked in: Debian has no static libsimdjson, and the shared one wants the shared
# libstdc++; two C++ runtimes in one program would be worse. ldd is read afterwards, and the program
# is run in a chroot that holds nothing but the folder and glibc.
# Usage: scripts/dist.sh BUILD_FOLDER [TARGET_FOLDER]
set -euo pipefail
cd "$(dirname "$0")/.."
build=$1
version=$(sed -n 's/^CMAKE_PROJECT_VERSION:STATIC=//p' "$build/CMakeCache.txt")
target=${2:-dist/firth-$version-linux-x86_64}
# The loader and what glibc 2.36 consists of; everything else is bundled.
glibc='linux-vdso|ld-linux-x86-64|lib(c|m|mvec|dl|rt|pthread|resolv|util|anl)\.so'

partial=$(realpath -m "$target").partial
rm -rf "$partial"
mkdir -p "$partial/lib"
cmake --install "$build" --prefix "$partial" --component program --strip >/dev/null
mkdir "$partial/libexec"
mv "$partial/bin/firth" "$partial/libexec/firth"
"${CC:-cc}" -O2 -static -s -o "$partial/bin/firth" cli/dist_launcher.c
loaded=$("${CC:-cc}" -print-file-name=libcurl.so.4; "${CC:-cc}" -print-file-name=libcrypto.so.3)
needed() { ldd "$@" | grep -vE "$glibc" | awk '$2 == "=>" {print $3}'; }
licences=$partial/share/doc/firth/bundled
mkdir -p "$licences"
while read -r library; do
  install -m 644 "$(readlink -f "$library")" "$partial/lib/$(basename "$library")"
  strip --strip-unneeded "$partial/lib/$(basename "$library")"
  real=$(readlink -f "$library")
  package=$({ dpkg -S "$real" || dpkg -S "${real#/usr}"; } 2>/dev/null | head -n 1 | cut -d: -f1) || true
  cp "/usr/share/doc/$package/copyright" "$licences/$package" 2>/dev/null ||
    echo "dist: no licence found for $library; add it to $licences by hand" >&2
done < <({ needed "$partial/libexec/firth"; echo "$loaded"; needed $loaded; } | sort -u)

foreign=$(LD_LIBRARY_PATH=$partial/lib ldd "$partial/libexec/firth" "$partial"/lib/* | grep -F '=>' | grep -vE "$glibc" | grep -vF "$partial/" || true)
if [[ -n $foreign ]]; then
  echo "dist: needs more than glibc and the folder itself: $foreign" >&2
  exit 1
fi

# The smallest place where it must run: the folder and glibc's files, no /usr, no /proc.
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
cp -r "$partial" "$root/firth"
while read -r file; do
  install -D -m 755 "$(readlink -f "$file")" "$root$file"
done < <(ldd "$partial/libexec/firth" "$partial"/lib/*.so* | grep -E "$glibc" |
  grep -oE '/[^ ]+' | grep -vE '^/firth|:$' | sort -u)
run=()
if [[ $(id -u) == 0 ]]; then
  run=(chroot "$root")
elif unshare -r true 2>/dev/null; then
  run=(unshare -r chroot "$root")
fi
# The angle is known, so that the check sees the program compute and not only start.
if ((${#run[@]})) && "${run[@]}" /firth/bin/firth similarity 23,32,14,10,1,0,3,2 3,2,4,0,41,30,31,12 \
    >"$root/said" 2>&1 && grep -q '82\.42' "$root/said"; then
  # That its libraries load shows in how it fails: nobody listens on port 9.
  HF_ENDPOINT=http://127.0.0.1:9 HF_HUB_CACHE=/cache "${run[@]}" /firth/bin/firth pull a/b \
    >"$root/said2" 2>&1 || true
  if ! grep -q 'is the network there' "$root/said2"; then
    cat "$root/said2" >&2
    echo "dist: 'firth pull' does not run in a chroot with nothing but glibc" >&2
    exit 1
  fi
  echo "dist: runs in a chroot with nothing but glibc ($(head -n 1 "$root/said"))"
elif ((${#run[@]})) && [[ $(id -u) == 0 ]]; then
  cat "$root/said" >&2
  echo "dist: does not run in a chroot with nothing but glibc" >&2
  exit 1
else
  echo "dist: chroot check skipped, it needs root or user namespaces"
fi

rm -rf "$target"
mv "$partial" "$target"
echo "dist: $target ($(du -sh "$target" | cut -f1)), beside glibc it needs nothing"
