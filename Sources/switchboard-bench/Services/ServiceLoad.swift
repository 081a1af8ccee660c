import APIClient
import JSONTree
import KubernetesAPI
import NetworkTypes

/// Services without a selector, whose EndpointSlices this program writes itself.
struct ServiceLoad: Sendable {
  let client: APIClient

  static let namespace = "default"
  static let port: UInt16 = 80
  /// In the pods' range, far above what nodes of a lab get: nobody has these addresses.
  private static let firstAddress = IPAddress(v4: 10, 244, 128, 0)
  private static let writers = 8

  /// Creates `count` Services with a slice of `endpoints` endpoints each.
  func create(count: Int, endpoints: Int) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for writer in 0..<Self.writers {
        group.addTask {
          for index in stride(from: writer, to: count, by: Self.writers) {
            let name = "load-\(index)"
            _ = try await client.create(.services, service(name))
            let addresses = (0..<endpoints).map {
              SocketEndpoint(Self.firstAddress.advanced(by: UInt128(index * endpoints + $0)), 8080)
            }
            _ = try await client.create(.endpointSlices, slice(of: name, addresses, port: 8080))
          }
        }
      }
      try await group.waitForAll()
    }
  }

  /// Creates one Service whose slice is empty; returns where it is reached, and the slice.
  func createEmpty(_ name: String, port: UInt16) async throws -> (address: SocketEndpoint, slice: JSON) {
    let service = try await client.create(.services, service(name))
    guard let address = service.spec["clusterIP"]?.string.flatMap({ IPAddress($0) }) else {
      throw BenchError(.unexpected, "the API gave Service \(name) no ClusterIP: \(service.spec)")
    }
    let slice = try await client.create(.endpointSlices, slice(of: name, [], port: port))
    return (SocketEndpoint(address, Self.port), slice)
  }

  /// Writes the endpoints of a slice; returns it as it is then.
  func set(_ endpoints: [SocketEndpoint], of slice: JSON) async throws -> JSON {
    var slice = slice
    slice["endpoints"] = .array(endpoints.map(Self.endpoint))
    return try await client.update(.endpointSlices, slice)
  }

  private func service(_ name: String) -> JSON {
    [
      "metadata": ["name": .string(name), "namespace": .string(Self.namespace)],
      "spec": ["ports": [["port": .int(Int64(Self.port)), "protocol": "TCP"]]],
    ]
  }

  private func slice(of service: String, _ endpoints: [SocketEndpoint], port: UInt16) -> JSON {
    [
      "metadata": [
        "name": .string("\(service)-bench"), "namespace": .string(Self.namespace),
        "labels": [
          "kubernetes.io/service-name": .string(service),
          "endpointslice.kubernetes.io/managed-by": "switchboard-bench",
        ],
      ],
      "addressType": "IPv4", "endpoints": .array(endpoints.map(Self.endpoint)),
      "ports": [["name": "", "port": .int(Int64(port)), "protocol": "TCP"]],
    ]
  }

  private static func endpoint(_ endpoint: SocketEndpoint) -> JSON {
    ["addresses": [.string(endpoint.address.description)], "conditions": ["ready": true]]
  }
}
