/// A chain of rules; a base chain is called by the kernel, any other by rules.
package struct Chain: Hashable, Sendable {
  /// `enum nf_inet_hooks` of `linux/netfilter.h`.
  package enum Hook: UInt32, Hashable, Sendable {
    case prerouting = 0
    case input = 1
    case forward = 2
    case output = 3
    case postrouting = 4
  }

  package enum Kind: String, Hashable, Sendable {
    case filter
    case nat
    case route
  }

  package struct Base: Hashable, Sendable {
    package let kind: Kind
    package let hook: Hook
    /// Lower runs earlier; -100 and 100 are where destination and source NAT belong.
    package let priority: Int32
    package let acceptsByDefault: Bool

    package init(_ kind: Kind, _ hook: Hook, priority: Int32, acceptsByDefault: Bool = true) {
      self.kind = kind
      self.hook = hook
      self.priority = priority
      self.acceptsByDefault = acceptsByDefault
    }
  }

  package let name: String
  package let base: Base?

  package init(_ name: String, base: Base? = nil) {
    self.name = name
    self.base = base
  }
}
