#!/usr/bin/env bash
# Embeds examples/jargon.jsonl once, then answers three questions over it.
# Usage: scripts/demo.sh FIRTH MODEL_FOLDER
# Vectors and cache lie in build/demo/: nothing is left outside the tree.
set -euo pipefail
cd "$(dirname "$0")/.."
firth=$1
model=$2
collection=examples/jargon.jsonl
vectors=build/demo/jargon.npy
export XDG_CACHE_HOME=$PWD/build/demo/cache
mkdir -p "$XDG_CACHE_HOME"

show() {  # prints a command as a person would type it, then runs it
  local word line=
  for word; do
    [[ $word == *' '* ]] && word="\"$word\""
    line+=" $word"
  done
  echo
  echo "\$$line"
  "$@"
}

echo "demo: $(wc -l <$collection) entries of the hackers' dictionary (examples/README.md)"
# A vector file that is as new as what it was made from is not made again.
if [[ $vectors -nt $collection && $vectors -nt $model/model.safetensors ]]; then
  echo "demo: $vectors is there"
else
  begin=$(date +%s.%N)
  show "$firth" embed --model "$model" --field text "$collection" -o "$vectors"
  awk -v b="$begin" -v e="$(date +%s.%N)" 'BEGIN { printf "demo: embedded in %.1f s\n", e - b }'
fi

for question in \
  "an animal caused the power cut that took the servers down" \
  "a plastic cover that stops people from hitting the big red switch" \
  "why does adding people to a late project make it later"; do
  begin=$(date +%s.%N)
  show "$firth" search --model "$model" --vectors "$vectors" --texts "$collection" --field text \
    --ids title --top 3 "$question"
  awk -v b="$begin" -v e="$(date +%s.%N)" 'BEGIN { printf "demo: answered in %.2f s\n", e - b }'
done
