#!/usr/bin/env bash
# Prints the path of a kubectl of 1.31 or newer: $KUBECTL, the one in .tools/bin, or the machine's; else fetches upstream's
# official release into .tools/bin and verifies its checksum.
set -euo pipefail
cd "$(dirname "$0")/.."
wanted=v1.36.2
own=$PWD/.tools/bin/kubectl

new_enough() {
  local minor
  minor=$("$1" version --client -o json 2>/dev/null | jq -r '.clientVersion.minor' | tr -cd 0-9) || return 1
  [ -n "$minor" ] && [ "$minor" -ge 31 ]
}

for candidate in ${KUBECTL:+"$KUBECTL"} "$own" "$(command -v kubectl || true)"; do
  if [ -n "$candidate" ] && [ -x "$candidate" ] && new_enough "$candidate"; then
    echo "$candidate"
    exit 0
  fi
done

case $(uname -m) in
  x86_64) arch=amd64 ;;
  aarch64) arch=arm64 ;;
  *) arch=$(uname -m) ;;
esac
url=https://dl.k8s.io/release/$wanted/bin/linux/$arch/kubectl
mkdir -p .tools/bin
if curl -fsSL --retry 2 -o "$own.part" "$url" && sum=$(curl -fsSL --retry 2 "$url.sha256"); then
  if echo "$sum  $own.part" | sha256sum --check --status; then
    chmod +x "$own.part"
    mv "$own.part" "$own"
    echo "$own"
    exit 0
  fi
  echo "the download of $url does not have the checksum that upstream publishes; nothing was installed" >&2
fi
rm -f "$own.part"
cat >&2 <<TEXT
No kubectl of 1.31 or newer is here, and $url could not be fetched.
Put such a kubectl on the PATH or at .tools/bin/kubectl (an official release binary, executable), then try again.
TEXT
exit 1
