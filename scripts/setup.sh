#!/usr/bin/env bash
# Brings a Debian 12 machine to the point where everything builds and runs: toolchain, packages, kubectl, the Python client.
# Says nothing where nothing is missing; safe to run again.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/swift-toolchain.sh

packages=(
  containerd runc nftables iproute2 conntrack util-linux procps
  libsqlite3-dev zlib1g-dev
  busybox-static redis-server redis-tools socat curl ca-certificates jq python3-venv
)
missing=()
for package in "${packages[@]}"; do
  state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) || state=absent
  [ "$state" = installed ] || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ]; then
  if [ "$(id -u)" -ne 0 ]; then
    echo "These Debian packages are missing; install them as root: apt-get install -y --no-install-recommends ${missing[*]}" >&2
    exit 1
  fi
  echo "installing: ${missing[*]}"
  # The packages are wanted for their programs: no service of theirs is to be started on this machine.
  policy=/usr/sbin/policy-rc.d
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod +x "$policy"
    trap 'rm -f "$policy"' EXIT
  fi
  export DEBIAN_FRONTEND=noninteractive
  if ! { apt-get update -q && apt-get install -y -q --no-install-recommends "${missing[@]}"; } >/tmp/switchboard-setup.$$ 2>&1; then
    tail -n 20 /tmp/switchboard-setup.$$ >&2
    rm -f /tmp/switchboard-setup.$$
    exit 1
  fi
  rm -f /tmp/switchboard-setup.$$
fi

scripts/kubectl.sh >/dev/null
scripts/python-client.sh >/dev/null
