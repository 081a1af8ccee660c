# Sourced. swift_files: the hand-written Swift files, separated by NUL; generated ones keep the form of their generator.
swift_files() {
  find Package.swift Sources Tests -name '*.swift' -not -path '*/Generated/*' -print0
}
