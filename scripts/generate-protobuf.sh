#!/bin/sh
# Regenerates Sources/ContainerRuntime/Generated from the .proto files in proto/.
# Needs protoc (Debian: protobuf-compiler). Builds protoc-gen-swift of the pinned swift-protobuf in a package of its
# own, because the root package may not declare another package's product. PROTOC_GEN_SWIFT names a built one instead.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
source="$root/proto"
target="$root/Sources/ContainerRuntime/Generated"
command -v protoc >/dev/null || { echo "protoc is missing: apt-get install protobuf-compiler" >&2; exit 1; }

if [ -z "${PROTOC_GEN_SWIFT:-}" ]; then
  version=$(sed -n 's|.*apple/swift-protobuf", exact: "\([0-9.]*\)".*|\1|p' "$root/Package.swift")
  work="$root/.build/protoc-gen-swift"
  mkdir -p "$work/Sources/Nothing"
  : > "$work/Sources/Nothing/Nothing.swift"
  cat > "$work/Package.swift" <<PACKAGE
// swift-tools-version:6.1
import PackageDescription
let package = Package(
  name: "generator",
  dependencies: [
    .package(url: "https://github.com/apple/swift-protobuf", exact: "$version", traits: [])
  ],
  targets: [
    .target(
      name: "Nothing", dependencies: [.product(name: "SwiftProtobufPluginLibrary", package: "swift-protobuf")])
  ])
PACKAGE
  swift build --package-path "$work" --product protoc-gen-swift
  PROTOC_GEN_SWIFT=$(swift build --package-path "$work" --show-bin-path)/protoc-gen-swift
fi

mkdir -p "$target"
protoc --plugin=protoc-gen-swift="$PROTOC_GEN_SWIFT" --proto_path="$source" \
  --swift_opt=Visibility=Package --swift_opt=UseAccessLevelOnImports=true --swift_out="$target" \
  "$source/cri.proto" "$source/containerd.proto"
