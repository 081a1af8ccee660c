/// Message types of linux/rtnetlink.h.
enum RouteMessage {
  static let newLink: UInt16 = 16
  static let deleteLink: UInt16 = 17
  static let getLink: UInt16 = 18
  static let setLink: UInt16 = 19
  static let newAddress: UInt16 = 20
  static let deleteAddress: UInt16 = 21
  static let getAddress: UInt16 = 22
  static let newRoute: UInt16 = 24
  static let deleteRoute: UInt16 = 25
  static let getRoute: UInt16 = 26
  static let newNeighbour: UInt16 = 28
  static let deleteNeighbour: UInt16 = 29
  static let getNeighbour: UInt16 = 30
  static let newRule: UInt16 = 32
  static let deleteRule: UInt16 = 33
  static let getRule: UInt16 = 34
}

/// Attribute numbers of rtnetlink.
enum RouteAttribute {
  /// IFLA_* of linux/if_link.h.
  enum Link {
    static let address: UInt16 = 1
    static let name: UInt16 = 3
    static let mtu: UInt16 = 4
    static let link: UInt16 = 5
    static let master: UInt16 = 10
    static let information: UInt16 = 18
    static let alias: UInt16 = 20
    static let namespaceDescriptor: UInt16 = 28
  }

  /// IFLA_INFO_*, and VETH_INFO_PEER of linux/veth.h.
  enum LinkInformation {
    static let kind: UInt16 = 1
    static let data: UInt16 = 2
    static let vethPeer: UInt16 = 1
  }

  /// IFLA_VXLAN_* of linux/if_link.h.
  enum VXLAN {
    static let identifier: UInt16 = 1
    static let link: UInt16 = 3
    static let local: UInt16 = 4
    static let learning: UInt16 = 7
    static let port: UInt16 = 15
    static let localV6: UInt16 = 17
  }

  /// IFA_* of linux/if_addr.h.
  enum Address {
    static let address: UInt16 = 1
    static let local: UInt16 = 2
    static let lifetimes: UInt16 = 6
    static let flags: UInt16 = 8
    static let origin: UInt16 = 11
  }

  /// RTA_* of linux/rtnetlink.h.
  enum Route {
    static let destination: UInt16 = 1
    static let outputInterface: UInt16 = 4
    static let gateway: UInt16 = 5
    static let priority: UInt16 = 6
    static let preferredSource: UInt16 = 7
    static let metrics: UInt16 = 8
    static let table: UInt16 = 15
    /// RTAX_MTU, within `metrics`.
    static let metricMTU: UInt16 = 2
  }

  /// NDA_* of linux/neighbour.h.
  enum Neighbour {
    static let destination: UInt16 = 1
    static let linkLayerAddress: UInt16 = 2
  }

  /// FRA_* of linux/fib_rules.h.
  enum Rule {
    static let destination: UInt16 = 1
    static let source: UInt16 = 2
    static let priority: UInt16 = 6
    static let mark: UInt16 = 10
    static let table: UInt16 = 15
    static let mask: UInt16 = 16
    static let `protocol`: UInt16 = 21
  }
}
