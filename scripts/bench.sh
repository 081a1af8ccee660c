#!/usr/bin/env bash
# Measures what Switchboard promises and prints one table. Fails where a figure could not be measured; one that is over its
# bound is marked and fails nothing. Everything happens in labs and in a network namespace of its own; nothing is left.
set -uo pipefail
cd "$(dirname "$0")/.."
export LC_ALL=C SWIFT_BACKTRACE=enable=no
programs=$PWD/.build/release
switchboard=$programs/switchboard bench=$programs/switchboard-bench
image=.tools/images/busybox.tar

[ "$(id -u)" -eq 0 ] || { echo "labs are made of namespaces and mounts, which only root may make: use sudo" >&2; exit 1; }
# On a real disk: a server that starts writes, and what it writes is synced.
work=$(mktemp -d -p /var/tmp switchboard-bench.XXXXXX)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
samples=$work/samples
: >"$samples"

# measure WORDS SECONDS COMMAND...: adds the command's samples, or says that there are none.
measure() {
  local words=$1 seconds=$2
  shift 2
  echo "measuring: $words" >&2
  if timeout --foreground --kill-after=20 "$seconds" "$@" >"$work/one"; then
    cat "$work/one" >>"$samples"
  else
    echo "could not measure: $words (exit code $?)" >&2
  fi
}

# lab WORDS SECONDS NODES SUBCOMMAND...: a measurement inside a lab of its own.
lab() {
  local words=$1 seconds=$2 nodes=$3
  shift 3
  measure "$words" "$seconds" "$switchboard" lab run --nodes "$nodes" --image "$image" -- "$bench" "$@"
}

load=$(cut -d ' ' -f 1 /proc/loadavg)
measure "start of the server" 180 "$bench" server-start --server "$switchboard" --folder "$work"
measure "writes through the API beside bare commits" 120 "$bench" api-writes --server "$switchboard" --folder "$work"
measure "reads of 10,000 Services and slices" 240 "$bench" api-reads --server "$switchboard" --folder "$work"
measure "writes among 1,000 to 100,000 objects" 400 "$bench" api-size --server "$switchboard" --folder "$work"
for round in 1 2 3 4 5; do
  lab "three nodes until a pod is ready, $round of 5" 90 3 first-pod --since "$EPOCHREALTIME"
done
lab "pods beside bare containers" 300 1 pods
for services in 100 1000 10000 30000; do
  lab "EndpointSlices until connections, among $services Services" 400 2 services --services "$services"
done
measure "first programming of Services" 240 "$bench" programming
measure "the choice among endpoints" 240 "$bench" balance
measure "the way through a ClusterIP" 120 "$bench" paths
lab "rollouts under load" 400 3 rollouts
for round in 1 2 3; do
  measure "planning of policies, $round of 3" 60 "$bench" policy-planning
done
measure "policies of new pods" 180 "$bench" policy-births
measure "the way under policies" 180 "$bench" policy-verdicts
lab "writes of policies and explanations" 400 3 policies
lab "idle memory" 120 1 memory

printf '\n%s processors, kernel %s, load %s when the run began (on a busy machine the ratios alone count)\n\n' \
  "$(nproc)" "$(uname -r)" "$load"
"$bench" report "$samples"
complete=$?
# The picture in README.md, where there is everything it shows.
"$bench" plot "$samples" >"$work/services.svg" && cp "$work/services.svg" docs/services.svg
exit "$complete"
