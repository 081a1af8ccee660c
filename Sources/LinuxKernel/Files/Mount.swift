internal import CLinux
internal import Glibc

/// Flags of mount(2), from <linux/mount.h>; Swift sees them as an anonymous enum of mixed types.
package struct MountFlags: OptionSet, Sendable {
  package let rawValue: UInt
  package init(rawValue: UInt) { self.rawValue = rawValue }

  package static let readOnly = MountFlags(rawValue: 1)
  package static let noSetuid = MountFlags(rawValue: 2)
  package static let noDevices = MountFlags(rawValue: 4)
  package static let noExecution = MountFlags(rawValue: 8)
  package static let remount = MountFlags(rawValue: 32)
  package static let bind = MountFlags(rawValue: 4096)
  package static let move = MountFlags(rawValue: 8192)
  package static let recursive = MountFlags(rawValue: 16384)
  package static let unbindable = MountFlags(rawValue: 1 << 17)
  package static let `private` = MountFlags(rawValue: 1 << 18)
  package static let `slave` = MountFlags(rawValue: 1 << 19)
  package static let shared = MountFlags(rawValue: 1 << 20)
}

/// mount(2), umount2(2) and pivot_root(2) in the calling thread's mount namespace.
package enum Mount {
  package static func mount(
    _ source: String, at target: String, type: String, flags: MountFlags = [], data: String? = nil
  ) throws(KernelError) {
    try systemCall("mount", "\(type) at \(target)") {
      Glibc.mount(source, target, type, flags.rawValue, data)
    }
  }

  package static func bind(_ source: String, at target: String, recursive: Bool = false) throws(KernelError) {
    try systemCall("bind mount", "\(source) at \(target)") {
      Glibc.mount(source, target, nil, MountFlags.bind.rawValue | (recursive ? MountFlags.recursive.rawValue : 0), nil)
    }
  }

  /// Makes a bind mount that is there already read-only; the kernel wants it as a second step.
  package static func makeReadOnly(_ target: String) throws(KernelError) {
    try systemCall("read-only remount", target) {
      Glibc.mount("none", target, nil, (MountFlags.bind.union(.remount).union(.readOnly)).rawValue, nil)
    }
  }

  /// Sets how mounts spread: `.private`, `.slave`, `.shared`, with `.recursive` for the whole tree.
  package static func setPropagation(_ flags: MountFlags, of target: String) throws(KernelError) {
    try systemCall("mount propagation", target) { Glibc.mount("none", target, nil, flags.rawValue, nil) }
  }

  /// Unmounts. `detach` (MNT_DETACH) hides it now and ends it when nobody uses it any more.
  package static func unmount(_ target: String, detach: Bool = false) throws(KernelError) {
    try systemCall("umount", target) { umount2(target, detach ? 2 : 0) }
  }

  package static func pivotRoot(to newRoot: String, putOld: String) throws(KernelError) {
    try systemCall("pivot_root", newRoot) { swb_pivot_root(newRoot, putOld) }
  }
}

/// One line of /proc/PID/mountinfo (proc(5)).
package struct MountPoint: Sendable, Hashable {
  package let root: String
  package let target: String
  package let type: String
  package let source: String
  package let superOptions: String

  /// The mounts that the calling thread sees.
  package static func all() throws(KernelError) -> [MountPoint] {
    parse(try KernelFile.text("/proc/thread-self/mountinfo"))
  }

  package static func parse(_ text: String) -> [MountPoint] {
    text.split(separator: "\n").compactMap { line in
      let fields = line.split(separator: " ")
      guard let dash = fields.firstIndex(of: "-"), dash >= 6, fields.count > dash + 3 else { return nil }
      return MountPoint(
        root: unescape(fields[3]), target: unescape(fields[4]), type: String(fields[dash + 1]),
        source: unescape(fields[dash + 2]), superOptions: String(fields[dash + 3]))
    }
  }

  /// Blank, tab, newline and backslash are written as three octal digits behind a backslash.
  private static func unescape(_ field: Substring) -> String {
    guard field.contains("\\") else { return String(field) }
    var bytes: [UInt8] = []
    var rest = Array(field.utf8)[...]
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "\\"), rest.count >= 3,
        let octal = UInt8(String(decoding: rest.prefix(3), as: UTF8.self), radix: 8)
      {
        bytes.append(octal)
        rest = rest.dropFirst(3)
      } else {
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
