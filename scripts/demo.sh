#!/usr/bin/env bash
# The demo: three nodes in a lab, the guestbook in them, and what `demo-steps.sh` shows.
set -euo pipefail
cd "$(dirname "$0")/.."
kubectl=$(scripts/kubectl.sh)
export PATH=$(dirname "$kubectl"):$PATH DEMO_STARTED=${EPOCHREALTIME}
images=()
for name in busybox redis guestbook-api guestbook-web; do images+=(--image ".tools/images/$name.tar"); done
exec .build/release/switchboard lab run --nodes 3 "${images[@]}" -- scripts/demo-steps.sh
