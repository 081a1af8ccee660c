internal import KubernetesAPI
package import NetworkTypes

/// Which of several nodes announces an address: rendezvous hashing. Every node that knows the same candidates comes to
/// the same one, addresses spread evenly, and a node that goes takes along only what it had.
package enum Election {
  package static func winner(of address: IPAddress, among candidates: some Sequence<String>) -> String? {
    candidates.map { (weight: weight($0, address), name: $0) }.max(by: <)?.name
  }

  static func weight(_ node: String, _ address: IPAddress) -> UInt64 {
    var hash = FNV1a.hash64(Array(node.utf8) + [0] + address.bytes)
    // The last bytes of an FNV hash barely reach its high bits, and addresses differ in those: the finalizer of
    // MurmurHash3 spreads them.
    hash = (hash ^ hash >> 33) &* 0xff51_afd7_ed55_8ccd
    hash = (hash ^ hash >> 33) &* 0xc4ce_b9fe_1a85_ec53
    return hash ^ hash >> 33
  }
}
