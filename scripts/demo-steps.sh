#!/usr/bin/env bash
# What the demo shows, in a cluster of two nodes or more that has the guestbook's images: each step prints what it saw, and
# fails the demo where that is not what it should be. DEMO_STARTED is when there was no cluster yet.
set -euo pipefail
cd "$(dirname "$0")/../examples/guestbook"

: "${DEMO_STARTED:=$EPOCHREALTIME}"
step() { printf '\n\033[1m%s\033[0m\n' "$*"; }
fail() { printf 'FAILED: %s\n' "$*" >&2; exit 1; }
elapsed() { awk -v a="${1}" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.1f s", b - a }'; }
visit() { kubectl exec visitor -- "$@"; }
addresses() { kubectl get pods -l "app=$1" -o jsonpath='{range .items[*]}{.status.podIP}{"\n"}{end}'; }

nodes=$(kubectl get nodes -o wide --no-headers)
step "1. $(wc -l <<<"$nodes") nodes, $(elapsed "$DEMO_STARTED") after nothing was there"
awk '{print "  ", $1, $2, $6}' <<<"$nodes"

step "2. The guestbook: a page, an API, Redis"
began=$EPOCHREALTIME
kubectl apply -f . | awk '{printf "%s  ", $1} END {print ""}' | fold -s -w 110 | sed 's/^/   /'
kubectl wait --for=condition=Available --timeout=30s deployment/redis deployment/api deployment/web >/dev/null
kubectl wait --for=condition=Ready --timeout=30s pod/visitor >/dev/null
kubectl get pods -o custom-columns=POD:.metadata.name,ADDRESS:.status.podIP,NODE:.spec.nodeName | sed 's/^/   /'
echo "   all ready after $(elapsed "$began")"

step "3. By pod address, across nodes"
here=$(kubectl get pod visitor -o jsonpath='{.spec.nodeName}')
read -r pod ip node < <(kubectl get pods -l app=api --no-headers \
  -o custom-columns=P:.metadata.name,I:.status.podIP,N:.spec.nodeName | awk -v here="$here" '$3 != here') ||
  fail "no API pod runs on another node than the visitor"
echo "   visitor on $here asks $pod at $ip on $node:"
answer=$(visit curl -fsS --max-time 3 "http://$ip:8080/cgi-bin/visit")
echo "   $answer"
[[ $answer == *"\"pod\":\"$pod\""* ]] || fail "another pod answered"

step "4. By ClusterIP, by short name, by full name"
cluster_ip=$(kubectl get service api -o jsonpath='{.spec.clusterIP}')
for host in "$cluster_ip" api api.default.svc.cluster.local; do
  printf '   %-32s %s\n' "$host" "$(visit curl -fsS --max-time 3 "http://$host/cgi-bin/visit?name=Ada" | cut -c 1-76)"
done
page=$(visit curl -fsS --max-time 5 "http://web/?name=Grace")
grep -oE '<h1>[^<]*|You are visitor.*[a-z0-9]\.' <<<"$page" | sed -E 's/<[^>]*>//g; s/^/   page: /'
[[ $page == *Grace* && $page == *Ada* ]] || fail "the page does not show its guests"

step "5. Four API pods instead of two: the new ones take their share"
before=$(kubectl get pods -l app=api -o name | sort)
began=$EPOCHREALTIME
kubectl scale deployment/api --replicas=4 >/dev/null
kubectl rollout status deployment/api --timeout=30s >/dev/null
echo "   ready after $(elapsed "$began"); 60 requests to http://api:"
visit sh -c 'for i in $(seq 60); do curl -fsS --max-time 3 http://api/cgi-bin/visit || echo FAILED; done' |
  sed -nE 's/.*"pod":"([^"]*)".*"node":"([^"]*)".*/\1 on \2/p; /FAILED/p' | sort | uniq -c >"${TMPDIR:-/tmp}/shares.$$"
while read -r count pod rest; do
  grep -q "pod/$pod" <<<"$before" && note= || note=" (new)"
  echo "   $count  $pod $rest$note"
done <"${TMPDIR:-/tmp}/shares.$$"
shares=$(wc -l <"${TMPDIR:-/tmp}/shares.$$"); grep -q FAILED "${TMPDIR:-/tmp}/shares.$$" && failed=yes || failed=
rm -f "${TMPDIR:-/tmp}/shares.$$"
[ -z "$failed" ] || fail "requests failed"
[ "$shares" -eq 4 ] || fail "$shares pods answered, not 4"

step "6. A pod is deleted and replaced while requests go on"
victim=$(kubectl get pods -l app=api -o jsonpath='pod/{.items[0].metadata.name}')
coproc requests { visit sh -c '
  ok=0; bad=0; echo started
  while [ ! -e /tmp/enough ]; do
    if curl -fsS --max-time 3 -o /dev/null http://api/cgi-bin/visit; then ok=$((ok + 1)); else bad=$((bad + 1)); fi
  done
  echo "$ok $bad"' 2>&1; }
exec {from_requests}<&"${requests[0]}"
read -r word <&"$from_requests"
[ "$word" = started ] || fail "the requests did not start: $word"
kubectl delete "$victim" --wait=true >/dev/null
kubectl rollout status deployment/api --timeout=30s >/dev/null
visit touch /tmp/enough
said=$(cat <&"$from_requests")
read -r ok bad < <(tail -n 1 <<<"$said")
echo "   ${victim#pod/} is gone; $(kubectl get pods -l app=api --no-headers | grep -c Running) pods run again"
echo "   $ok requests answered meanwhile, $bad failed"
[ "$bad" = 0 ] || { head -n 5 <<<"$said"; fail "requests failed"; }

step "Done after $(elapsed "$DEMO_STARTED")."
