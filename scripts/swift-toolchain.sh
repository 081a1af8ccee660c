#!/usr/bin/env bash
# Checks that a Swift toolchain of 6.3 or newer is there; says the one command that installs it where it is not.
set -euo pipefail
version=$(swift --version 2>/dev/null | sed -nE 's/.*Swift version ([0-9]+\.[0-9]+).*/\1/p' | head -n 1) || version=
if [ -n "$version" ] && [ "$(printf '6.3\n%s\n' "$version" | sort -V | head -n 1)" = 6.3 ]; then
  exit 0
fi
cat >&2 <<'TEXT'
Switchboard is built with the Swift 6.3 toolchain, which was not found. This installs it under /opt/swift:

  apt-get install -y curl binutils libc6-dev libcurl4 libedit2 libgcc-12-dev libpython3-dev libstdc++-12-dev libxml2 zlib1g-dev && mkdir -p /opt/swift && curl -fsSL https://download.swift.org/swift-6.3.1-release/debian12/swift-6.3.1-RELEASE/swift-6.3.1-RELEASE-debian12.tar.gz | tar -xz -C /opt/swift --strip-components=1 && export PATH=/opt/swift/usr/bin:$PATH

TEXT
[ -z "$version" ] || echo "(Swift $version is here, which is too old.)" >&2
exit 1
