#!/usr/bin/env bash
# Compares the targets of Package.swift with scripts/layers.txt: fails on an edge the table does not allow, on a target that
# is missing there, and on a stale entry. With --self-test it also feeds itself violations and fails unless each is caught.
set -euo pipefail
cd "$(dirname "$0")/.."

# verdict DUMP: prints one line per violation in the package dump.
verdict() {
  jq -r --rawfile table scripts/layers.txt '
    [$table | split("\n")[] | select(test("^[a-z]")) | split("|") | map([splits(" +")] - [""])
      | {layer: .[0][0], uses: .[1], targets: .[2]}] as $layers
    | ([$layers[] as $l | $l.targets | to_entries[]
        | {key: .value, value: {layer: $l.layer, uses: $l.uses, place: .key}}] | from_entries) as $at
    | [.targets[] | select(.type != "test")] as $targets
    | [$targets[].name] as $names
    | ($at | keys - $names | map("\(.) stands in scripts/layers.txt, but Package.swift has no such target"))
    + ($names - ($at | keys) | map("\(.) is in Package.swift, but not in scripts/layers.txt: add it to its layer"))
    + [$targets[] | .name as $from | ($at[$from] // empty) as $f
        | .dependencies[] | (.byName // .target // empty)[0] as $to | ($at[$to] // empty) as $t
        | select(if $f.layer == $t.layer then (($f.uses | index("=")) == null or $t.place >= $f.place)
                 else ($f.uses | index($t.layer)) == null end)
        | "\($from) (\($f.layer)) may not depend on \($to) (\($t.layer))"]
    | .[]' "$1"
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
swift package dump-package >"$work/dump.json"
found=$(verdict "$work/dump.json")
if [ -n "$found" ]; then
  printf '%s\n' "$found" >&2
  exit 1
fi

if [ "${1:-}" = --self-test ]; then
  # expect CHANGE WORDS: the dump with CHANGE (a jq filter) applied must be refused with WORDS.
  expect() {
    jq "$1" "$work/dump.json" >"$work/changed.json"
    verdict "$work/changed.json" | grep -qF "$2" || { echo "self-test: not caught: $2" >&2; exit 1; }
  }
  expect '(.targets[] | select(.name == "RoutePlan").dependencies) += [{"byName": ["PodNetwork", null]}]' \
    'RoutePlan (planners) may not depend on PodNetwork (services)'
  expect '(.targets[] | select(.name == "Scheduler").dependencies) += [{"target": ["Controllers", null]}]' \
    'Scheduler (services) may not depend on Controllers (services)'
  expect '(.targets[] | select(.name == "RoutePlan").dependencies) += [{"byName": ["Netlink", null]}]' \
    'RoutePlan (planners) may not depend on Netlink (drivers)'
  expect '.targets += [{"name": "Stray", "type": "regular", "dependencies": []}]' 'Stray is in Package.swift, but not'
fi
echo "layers: $(jq '[.targets[] | select(.type != "test")] | length' "$work/dump.json") targets, every edge points downward"
