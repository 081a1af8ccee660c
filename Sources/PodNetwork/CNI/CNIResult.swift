package import JSONTree
package import NetworkTypes

/// The result of ADD.
package struct CNIResult: Sendable, Hashable {
  package var hostInterface: String
  package var hostAddress: String
  package var interface: String
  package var interfaceAddress: String
  package var namespacePath: String
  package var addresses: [IPAddress]

  /// As the specification's section "ADD Success" has it, for a version of it.
  package func json(version: String) -> JSON {
    let old = version.hasPrefix("0.")
    return [
      "cniVersion": .string(version),
      "interfaces": [
        ["name": .string(hostInterface), "mac": .string(hostAddress)],
        ["name": .string(interface), "mac": .string(interfaceAddress), "sandbox": .string(namespacePath)],
      ],
      "ips": .array(
        addresses.map { address in
          var entry: JSON = [
            "address": .string("\(CIDR(host: address))"),
            "gateway": .string("\(PodLink.gateway(address.family))"),
            "interface": 1,
          ]
          // Before 1.0.0 each address named its family.
          if old { entry["version"] = .string(address.family == .v4 ? "4" : "6") }
          return entry
        }),
      "routes": .array(
        addresses.map { address in
          [
            "dst": .string(address.family == .v4 ? "0.0.0.0/0" : "::/0"),
            "gw": .string("\(PodLink.gateway(address.family))"),
          ]
        }),
      "dns": .object([:]),
    ]
  }
}
