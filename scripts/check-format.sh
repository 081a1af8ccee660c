#!/usr/bin/env bash
# Lints every hand-written Swift file with .swift-format, strictly; then makes sure that a badly formatted file is refused.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/swift-files.sh

swift_files | xargs -0 swift format lint --strict --parallel
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
printf 'struct A{\n      let b : Int\n}\n' >"$work/Bad.swift"
if swift format lint --strict --configuration .swift-format "$work/Bad.swift" 2>"$work/said"; then
  echo "self-test: a badly formatted file passed the linter" >&2
  exit 1
fi
echo "format: $(swift_files | tr -cd '\0' | wc -c) files clean"
