package import JSONTree
import KubernetesAPI
package import NetworkTypes

/// A machine's request to become a node of the cluster: its name, where it is reached, and the keys to be certified. Its
/// private keys stay with it.
package struct NodeJoin: Sendable {
  package static let path = "/switchboard/v1/join"
  /// Where anybody reads the authority's certificate. Nobody should believe it before having compared its fingerprint.
  package static let authorityPath = "/switchboard/v1/authority"
  /// The role of whoever may join.
  static let role = "system:switchboard-node-joiner"

  /// Texts for each of a node's identities: requests as PEM on the way there, certificates as PEM on the way back.
  package struct Identities: Sendable, Hashable {
    package var node: String
    package var serving: String
    package var network: String

    package init(node: String, serving: String, network: String) {
      self.node = node
      self.serving = serving
      self.network = network
    }

    package init?(_ json: JSON?) {
      guard let node = json?["node"]?.string, let serving = json?["serving"]?.string,
        let network = json?["network"]?.string
      else { return nil }
      self.init(node: node, serving: serving, network: network)
    }

    package var json: JSON {
      ["node": .string(node), "serving": .string(serving), "network": .string(network)]
    }
  }

  package typealias Certificates = Identities

  package let name: String
  package let addresses: [IPAddress]
  package let requests: Identities

  package init(name: String, addresses: [IPAddress], requests: Identities) {
    self.name = name
    self.addresses = addresses
    self.requests = requests
  }

  package var json: JSON {
    [
      "nodeName": .string(name), "addresses": .array(addresses.map { .string($0.description) }),
      "requests": requests.json,
    ]
  }

  /// Throws refusals that name the field.
  init(_ json: JSON) throws(APIStatus) {
    guard let name = json["nodeName"]?.string else { throw .badRequest("nodeName: a name is needed") }
    if let fault = NameRules.dnsSubdomain(name).first { throw .badRequest("nodeName: \(fault)") }
    guard let items = json["addresses"]?.items, !items.isEmpty else {
      throw .badRequest("addresses: at least one address of the node is needed")
    }
    var addresses: [IPAddress] = []
    for item in items {
      guard let address = item.string.flatMap({ IPAddress($0) }) else {
        throw .badRequest("addresses: \(item) is no IP address")
      }
      addresses.append(address)
    }
    guard let requests = Identities(json["requests"]) else {
      throw .badRequest("requests: the certificate requests node, serving and network are needed")
    }
    self.init(name: name, addresses: addresses, requests: requests)
  }
}
