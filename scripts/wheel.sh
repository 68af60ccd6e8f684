#!/usr/bin/env bash
# Makes dist/firth-VERSION-….whl with `pip wheel .`, as `pip install .` would, and tries it in a chroot
# that holds the interpreter, glibc, the C++ runtime and libz (which numpy's wheel needs), numpy and the
# wheel, and none of the system's other libraries; the program without libz.
# Usage: scripts/wheel.sh BUILD_FOLDER [WHEEL], the wheel being one that was made before
set -euo pipefail
cd "$(dirname "$0")/.."
python=$PWD/$1/python-env/bin/python
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
if [[ -n ${2:-} ]]; then
  wheel=$2
else
  "$python" -m pip wheel -q --disable-pip-version-check --no-deps -w "$scratch" .
  wheel=$(echo "$scratch"/firth-*.whl)
fi

# A virtual environment with nothing but numpy.
python3 -m venv "$scratch/env"
"$scratch/env/bin/python" -m pip install -q --disable-pip-version-check "$wheel"
"$scratch/env/bin/firth" --version
"$scratch/env/bin/python" -m pip check

# The smallest place where it must run. /proc and the system's /usr are not there.
root=$scratch/root
IFS=: read -r base version stdlib packages < <("$scratch/env/bin/python" -c '
import sys, sysconfig as s
print(sys.base_prefix, s.get_python_version(), s.get_path("stdlib"), s.get_path("purelib"), sep=":")')
mkdir -p "$root/py/lib" "$root/tmp"
cp "$(readlink -f "$scratch/env/bin/python")" "$root/py/python"
cp -r "$stdlib" "$root/py/lib/python$version"
rm -rf "$root/py/lib/python$version"/{test,idlelib,ensurepip,site-packages,dist-packages,config-*,lib2to3,tkinter}
cp -r "$packages" "$root/py/lib/python$version/site-packages"
cp -r tests/fixtures/models/sentence-transformer "$root/model"
allowed='ld-linux-x86-64|lib(c|m|dl|rt|pthread|util|stdc\+\+|gcc_s|crypt|python[0-9.]+)\.so|libz\.so|libexpat\.so'
while read -r file; do
  install -D -m 755 "$(readlink -f "$file")" "$root$file"
done < <({ ldd "$root/py/python"
           find "$root/py/lib/python$version/site-packages/numpy" "$root/py/lib/python$version/lib-dynload" \
             -name '*.so' -exec ldd {} + ; } 2>/dev/null |
  grep -E "$allowed" | grep -oE '/[^ ]+' | grep -vE ":$|^$root|numpy\.libs" | sort -u)
cat > "$root/try.py" <<'PY'
import firth
model = firth.load("/model")
vectors = model.encode(["a cat", "a kitten", "a bank"])
assert vectors.shape == (3, model.dimension)
print("encodes", vectors.shape)
PY
run=()
if [[ $(id -u) == 0 ]]; then
  run=(chroot "$root")
elif unshare -r true 2>/dev/null; then
  run=(unshare -r chroot "$root")
fi
if ((${#run[@]})); then
  env -i "PATH=$PATH" PYTHONHOME=/py FIRTH_MODELS=/ "${run[@]}" /py/python /try.py
  find "$root" -name 'libz.so*' -not -path '*/firth/lib/*' -delete  # numpy wanted it
  # A program learns from /proc where it lies; without one the loader is told.
  bin=/py/lib/python$version/site-packages/firth/bin
  env -i "PATH=$PATH" "LD_ORIGIN_PATH=$bin" "${run[@]}" "$bin/firth" similarity \
    23,32,14,10,1,0,3,2 3,2,4,0,41,30,31,12 | grep '82\.42' >/dev/null
  echo "wheel: package and program run in a chroot without the system's libraries"
else
  echo "wheel: chroot check skipped, it needs root or user namespaces"
fi
mkdir -p dist
[[ $wheel -ef dist/$(basename "$wheel") ]] || cp "$wheel" dist/
echo "wheel: dist/$(basename "$wheel") ($(du -h "$wheel" | cut -f1))"
