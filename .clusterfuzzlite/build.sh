#!/bin/bash -eu
# Builds every fuzz target, with its seeds and the dictionaries, as ClusterFuzzLite wants them in $OUT.
cd "$SRC/sts"
fuzz/seed
cargo fuzz build -O
for target in $(cargo fuzz list); do
  cp "fuzz/target/x86_64-unknown-linux-gnu/release/$target" "$OUT/"
  cat fuzz/*.dict >"$OUT/$target.dict"
  if [ -d "fuzz/corpus/$target" ]; then zip -jq "$OUT/${target}_seed_corpus.zip" "fuzz/corpus/$target"/*; fi
done
