#!/usr/bin/env bash
# Runs test tiers and prints their counts: scripts/test.sh [unit|golden|kernel|cluster]... (all four without arguments).
# A tier is told by the suite's name (Golden..., Kernel...) or by its target (ClusterTests); everything else is unit.
# A tier that fails, or that executes no test at all, fails the run.
set -uo pipefail
cd "$(dirname "$0")/.."
[ $# -gt 0 ] || set -- unit golden kernel cluster

golden='\.Golden[A-Z]'
kernel='\.Kernel[A-Z]'
cluster='^ClusterTests\.'
logs=.build/test-logs
# Without a bound every test begins at once, and the waits of each hold the work of a thousand others.
export SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH=$(($(nproc) * 2))
mkdir -p "$logs"

scripts/build-tests.sh || exit 1

total_passed=0 total_failed=0 status=0 summary=()
for tier in "$@"; do
  case $tier in
    unit) select=(--skip "$golden" --skip "$kernel" --skip "$cluster") ;;
    golden) select=(--filter "$golden") ;;
    kernel) select=(--filter "$kernel" --skip "$cluster") ;;
    cluster) select=(--filter "$cluster" --no-parallel) ;;
    *) echo "no tier \"$tier\": unit, golden, kernel, cluster" >&2; exit 64 ;;
  esac
  echo "== $tier"
  swift test --skip-build --disable-xctest "${select[@]}" >"$logs/$tier.log" 2>&1
  code=$?
  executed=$(sed -nE 's/.*Test run with ([0-9]+) tests?.*/\1/p' "$logs/$tier.log" | tail -n 1)
  executed=${executed:-0}
  failed=$(grep -E '^. Test .* failed after' "$logs/$tier.log" | grep -vc '^. Test run ')
  skipped=$(grep -cE '^. Test .* skipped' "$logs/$tier.log")
  [ "$code" -eq 0 ] || [ "$failed" -gt 0 ] || failed=1
  passed=$((executed - failed - skipped))
  [ "$passed" -ge 0 ] || passed=0
  if [ "$code" -ne 0 ]; then
    status=1
    grep -aE '^. (Test|Suite) .*(failed after|recorded an issue)|^↳|error:|[Ff]atal' "$logs/$tier.log" | head -n 60
    echo "the whole log: $logs/$tier.log"
  fi
  grep -aE '^. Test .* skipped' "$logs/$tier.log"
  if [ $((executed - skipped)) -le 0 ]; then
    status=1
    echo "the $tier tier executed no test" >&2
  fi
  total_passed=$((total_passed + passed))
  total_failed=$((total_failed + failed))
  summary+=("$(printf '%-8s %5d passed, %d failed, %d skipped' "$tier" "$passed" "$failed" "$skipped")")
done
echo
printf '%s\n' "${summary[@]}"
echo "$total_passed passed, $total_failed failed"
exit $status
