#!/usr/bin/env bash
# Prints the path of a Python with the kubernetes client of Tests/PythonClient/requirements.txt, in .tools/python. Installs it
# from PyPI where it is missing or another version is wanted; every file has to have the hash written down there.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=$PWD/.tools/python wanted=Tests/PythonClient/requirements.txt

if [ -x "$folder/bin/python" ] && cmp -s "$wanted" "$folder/installed.txt"; then
  echo "$folder/bin/python"
  exit 0
fi
rm -rf "$folder"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! { python3 -m venv "$folder" && "$folder/bin/pip" install --disable-pip-version-check --require-hashes -r "$wanted"; } \
  >"$log" 2>&1; then
  tail -n 20 "$log" >&2
  echo "the kubernetes client could not be installed from PyPI into $folder" >&2
  rm -rf "$folder"
  exit 1
fi
cp "$wanted" "$folder/installed.txt"
echo "$folder/bin/python"
