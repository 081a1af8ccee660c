#!/usr/bin/env bash
# Builds every test, the programs the cluster tier runs, and the test images. Prints the compiler's words only where it fails.
set -euo pipefail
cd "$(dirname "$0")/.."
mkdir -p .build/test-logs
log=.build/test-logs/build.log
echo "== build"
if ! swift build --build-tests -j "$(nproc)" >"$log" 2>&1; then
  grep -E 'error:|warning: unre' "$log" | sort -u | head -n 40
  tail -n 5 "$log"
  echo "the whole log: $log"
  exit 1
fi
