#!/usr/bin/env bash
# What one does on several machines, rehearsed on one: a server and two agents, each started by hand on a "machine" of its
# own, then a command with KUBECONFIG set.
#
#   examples/several-machines/rehearse.sh COMMAND...
#
# A machine here is a network namespace with one address on a shared link and no way out, and a /run, /var/lib and /var/log
# of its own. Everything happens in namespaces around it all, and ends with them. Needs root.
# With APART=1 the second worker is on a link of its own, and a router in between carries the machines' packets and no
# others: pods reach each other through a tunnel then.
# IMAGES="FILE..." are put into every machine's container runtime before the command runs; PROGRAMS is where the programs
# lie, if not where `make build` leaves them; FOLDER, if not /var/tmp, is where the machines' files lie meanwhile.
set -euo pipefail
[ $# -gt 0 ] || { sed -nE '2,/^set/s/^# ?//p' "$0" >&2; exit 64; }
[ "$(id -u)" -eq 0 ] || { echo "machines are made of namespaces, which only root may make: use sudo" >&2; exit 77; }
if [ -z "${REHEARSING:-}" ]; then
  REHEARSING=$(mktemp -d "${FOLDER:-/var/tmp}/switchboard-machines.XXXXXX")
  # Whatever ends this, nothing stays. What the containers had of control groups goes once the last process has ended.
  clean() {
    for _ in $(seq 50); do
      find /sys/fs/cgroup -depth -type d -path "*/${REHEARSING##*/}*" -exec rmdir {} + 2>/dev/null && break
      sleep 0.1
    done
    rm -rf "$REHEARSING"
  }
  trap clean EXIT
  trap 'kill -KILL $!; exit 130' INT TERM
  status=0
  REHEARSING=$REHEARSING unshare --net --mount --pid --fork --kill-child --mount-proc "$0" "$@" <&0 &
  wait $! || status=$?
  exit $status
fi

switchboard=${PROGRAMS:-$(cd "$(dirname "$0")/../.." && pwd)/.build/release}/switchboard
state=$REHEARSING
group=/${state##*/}
server=192.0.2.10 workers=(worker-1 worker-2)
declare -A addresses=([worker-1]=192.0.2.11 [worker-2]=192.0.2.12) links=([worker-1]=lan [worker-2]=lan)
[ -z "${APART:-}" ] || addresses[worker-2]=198.51.100.12 links[worker-2]=far

# on MACHINE COMMAND...: runs a command there.
on() { nsenter --target "$(cat "$state/$1/pid")" --net --mount --uts "${@:2}"; }

# machine NAME ADDRESS LINK: a network, a name and folders of its own, held by a process that sleeps.
machine() {
  local name=$1 address=$2 link=$3 folder
  mkdir -p "$state/$name"/{run,lib,log}
  unshare --net --mount --uts sh -c '
    echo $$ >"$1/pid.new"; hostname "$2"
    for folder in run:/run log:/var/log lib:/var/lib; do mount --bind "$1/${folder%%:*}" "${folder#*:}"; done
    mv "$1/pid.new" "$1/pid"; exec sleep infinity' - "$state/$name" "$name" &
  until [ -e "$state/$name/pid" ]; do sleep 0.01; done
  ip link add "$name" type veth peer name eth0 netns "$(cat "$state/$name/pid")"
  ip link set "$name" master "$link" up
  on "$name" ip link set lo up
  on "$name" ip address add "$address/24" dev eth0
  on "$name" ip link set eth0 up
  [ -z "${APART:-}" ] || on "$name" ip route add default via "${address%.*}.1"
}

# arrived FILE: waits until it is there.
arrived() {
  for _ in $(seq 300); do [ ! -e "$1" ] || return 0; sleep 0.1; done
  echo "there is no $1 after 30 s; the logs lie in $state" >&2
  exit 69
}

say() { echo "· $*" >&2; }

ip link set lo up
ip link add lan type bridge
ip address add 192.0.2.1/24 dev lan
ip link set lan up
if [ -n "${APART:-}" ]; then
  ip link add far type bridge
  ip address add 198.51.100.1/24 dev far
  ip link set far up
  echo 1 >/proc/sys/net/ipv4/ip_forward
  nft -f - <<'END'
table ip router {
  set links { type ipv4_addr; flags interval; elements = { 192.0.2.0/24, 198.51.100.0/24 } }
  chain forward {
    type filter hook forward priority 0; policy drop;
    ip saddr @links ip daddr @links accept
  }
}
END
fi

say "the server, on $server"
machine control "$server" lan
on control "$switchboard" server --advertise-address "$server" --kubeconfig-out /run/admin.kubeconfig \
  >"$state/control/log/server.log" 2>&1 &
arrived "$state/control/run/admin.kubeconfig"
export KUBECONFIG=$state/control/run/admin.kubeconfig
until kubectl get --raw /readyz >/dev/null 2>&1; do sleep 0.1; done

for name in "${workers[@]}"; do
  address=${addresses[$name]}
  machine "$name" "$address" "${links[$name]}"
  if [ "$name" = worker-1 ]; then
    say "$name, on $address, with credentials from the server's machine"
    # The folder of credentials is what one copies to the node.
    on control "$switchboard" issue-node "$name" --address "$address" --server "https://$server:6443" --out "/run/$name"
    cp -R "$state/control/run/$name" "$state/$name/run/credentials"
    join=(agent --credentials /run/credentials --node-ip "$address")
  else
    say "$name, on $address, with a token"
    # What is printed is the command to type on the node.
    read -r -d '' -a join < <(on control "$switchboard" create-token --kubeconfig /run/admin.kubeconfig |
      tr -d '\\' | sed "s/^switchboard//; s/ADDRESS/$address/") || true
  fi
  on "$name" "$switchboard" "${join[@]}" --node-name "$name" --cgroup-root "$group/$name" \
    >"$state/$name/log/agent.log" 2>&1 &
done

for name in "${workers[@]}"; do
  arrived "$state/$name/run/switchboard/containerd/containerd.sock"
  for image in ${IMAGES:-}; do
    ctr --address "$state/$name/run/switchboard/containerd/containerd.sock" -n k8s.io images import "$image" >/dev/null
  done
  until kubectl get node "$name" >/dev/null 2>&1; do sleep 0.2; done
done
kubectl wait --for=condition=Ready --timeout=30s node --all >&2
"$@"
