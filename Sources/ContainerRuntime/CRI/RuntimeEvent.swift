/// Something happened to a container; sandboxes are containers to the runtime and come by the same way.
package struct RuntimeEvent: Sendable, Hashable {
  package enum Kind: Sendable, Hashable {
    case started
    case exited(code: UInt32)
    case outOfMemory
    case deleted
  }

  package let containerID: String
  package let kind: Kind

  package init(containerID: String, kind: Kind) {
    self.containerID = containerID
    self.kind = kind
  }
}
