#!/usr/bin/env bash
# Makes container images out of the machine's Debian packages, without an engine and without a registry:
#   scripts/images/build.sh [NAME]...   (every definition beside this file without arguments)
# Each definition NAME/image.sh fills a root directory and names the configuration; NAME.tar comes out under .tools/images as
# `docker save` would write it. An image is made again only when its definition, its files or a package it takes from changed.
set -euo pipefail
cd "$(dirname "$0")"
here=$PWD
out=$(cd ../.. && pwd)/.tools/images
mkdir -p "$out"
[ $# -gt 0 ] || set -- $(for definition in */image.sh; do dirname "$definition"; done)

# program PATH...: copies programs and the shared libraries they load.
program() {
  local path file
  for path in "$@"; do
    install -D "$(readlink -f "$path")" "$root$path"
    for file in $(ldd "$path" 2>/dev/null | grep -oE '/[^ ]+' || true); do
      library "$file"
    done
  done
}

# library PATH: copies one shared library to where it is looked for (/lib is a link to /usr/lib).
library() {
  local place=$1
  case $place in /lib/* | /lib64/*) place=/usr$place ;; esac
  [ -e "$root$place" ] || install -D "$(readlink -f "$1")" "$root$place"
}

# base: the directories, the accounts, and name resolution for programs that use the C library.
base() {
  mkdir -p "$root"/{usr/bin,usr/lib,usr/lib64,etc,tmp,var,root,dev,proc,sys}
  chmod 1777 "$root/tmp"
  ln -s usr/bin "$root/bin"
  ln -s usr/bin "$root/sbin"
  ln -s usr/lib "$root/lib"
  ln -s usr/lib64 "$root/lib64"
  printf 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n' >"$root/etc/passwd"
  printf 'root:x:0:\nnogroup:x:65534:\n' >"$root/etc/group"
  printf 'hosts: files dns\npasswd: files\ngroup: files\n' >"$root/etc/nsswitch.conf"
  local name
  for name in dns files; do
    library "$(ldconfig -p | sed -nE "s/.*libnss_$name\.so\.2 .*=> //p" | head -n 1)"
  done
}

# shell: busybox under the names of all its programs.
shell() {
  local name
  install -D "$(command -v busybox)" "$root/usr/bin/busybox"
  for name in $(busybox --list); do
    [ "$name" = busybox ] || ln -s busybox "$root/usr/bin/$name"
  done
}

# files: what lies in the definition's rootfs folder.
files() { cp -R rootfs/. "$root/"; }

# hash FILE: its SHA-256 in hexadecimal.
hash() { sha256sum "$1" | cut -d ' ' -f 1; }

# pack ROOT REFERENCE CONFIG FILE: the docker-archive of a root directory, the same bytes for the same content.
pack() {
  local stage config
  stage=$(mktemp -d -p "$out")
  local tar=(tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner)
  "${tar[@]}" -C "$1" -cf "$stage/layer.tar" .
  jq -cn --argjson config "$3" --arg arch "$(dpkg --print-architecture)" --arg diff "sha256:$(hash "$stage/layer.tar")" '
    {architecture: $arch, os: "linux", created: "1970-01-01T00:00:00Z",
     config: ({Env: ["PATH=/usr/local/bin:/usr/bin:/bin"]} + $config),
     rootfs: {type: "layers", diff_ids: [$diff]}, history: [{created: "1970-01-01T00:00:00Z"}]}' >"$stage/config"
  config=$(hash "$stage/config").json
  mv "$stage/config" "$stage/$config"
  jq -cn --arg config "$config" --arg tag "$2" \
    '[{Config: $config, RepoTags: [$tag], Layers: ["layer.tar"]}]' >"$stage/manifest.json"
  "${tar[@]}" -C "$stage" -cf "$4.part" manifest.json "$config" layer.tar
  mv "$4.part" "$4"
  rm -rf "$stage"
}

for name in "$@"; do
  cd "$here/$name"
  unset reference config packages
  . ./image.sh # sets reference, config and packages; defines fill
  key=$({
    find . ../build.sh -type f -print0 | sort -z | xargs -0 sha256sum
    dpkg-query -W -f '${Package} ${Version}\n' libc6 "${packages[@]}"
  } | sha256sum | cut -c 1-16)
  target=$out/$name-$key.tar
  if [ ! -e "$target" ]; then
    echo "image $reference"
    root=$(mktemp -d)
    trap 'rm -rf "$root"' EXIT
    chmod 755 "$root"
    fill
    rm -f "$out/$name"-*.tar
    pack "$root" "$reference" "$config" "$target"
    rm -rf "$root"
  fi
  ln -sfn "$name-$key.tar" "$out/$name.tar"
done
