import APIClient
import JSONTree
import NIOCore

/// The objects that the API server is measured with.
enum APIObjects {
  static let namespace = "default"
  static let configMaps = "/api/v1/namespaces/\(namespace)/configmaps"
  static let services = "/api/v1/namespaces/\(namespace)/services"
  static let slices = "/apis/discovery.k8s.io/v1/namespaces/\(namespace)/endpointslices"

  static func configMap(_ name: String, value: String = "value") -> [UInt8] {
    let object: JSON = [
      "apiVersion": "v1", "kind": "ConfigMap", "metadata": ["name": .string(name), "namespace": .string(namespace)],
      "data": ["key": .string(value)],
    ]
    return object.encoded()
  }

  /// About 1.5 kB as it is stored: with a selector, labels and what a deployment tool notes on it.
  static func service(_ name: String) -> [UInt8] {
    let note = String(repeating: "what the tool that made it applied last; ", count: 13)
    let object: JSON = [
      "apiVersion": "v1", "kind": "Service",
      "metadata": [
        "name": .string(name), "namespace": .string(namespace),
        "labels": ["app": .string(name), "app.kubernetes.io/managed-by": "bench"],
        "annotations": ["bench.switchboard.dev/note": .string(note)],
      ],
      "spec": ["ports": [["name": "http", "port": 80, "protocol": "TCP", "targetPort": 8080]]],
    ]
    return object.encoded()
  }

  /// With ten endpoints.
  static func slice(_ name: String, number: Int) -> [UInt8] {
    let endpoints: [JSON] = (0..<10).map {
      [
        "addresses": [.string("10.\(64 + number / 6400).\(number / 25 % 256).\(number % 25 * 10 + $0)")],
        "conditions": ["ready": true], "nodeName": .string("node-\($0)"),
      ]
    }
    let object: JSON = [
      "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice",
      "metadata": [
        "name": .string(name), "namespace": .string(namespace),
        "labels": ["kubernetes.io/service-name": .string(name)],
      ],
      "addressType": "IPv4", "endpoints": .array(endpoints),
      "ports": [["name": "http", "port": 8080, "protocol": "TCP"]],
    ]
    return object.encoded()
  }
}

extension LoadTarget {
  static let clients = 8

  /// Creates objects numbered from `range`, from eight clients.
  func create(
    _ path: String, _ range: Range<Int>, _ object: @escaping @Sendable (Int) -> [UInt8]
  ) async throws -> LoadRun.Result {
    try await LoadRun.run(self, connections: Self.clients, expecting: 201) { connection, number in
      let index = range.lowerBound + number * Self.clients + connection
      return range.contains(index) ? request("POST", path, body: object(index)) : nil
    }
  }

  /// Deletes them again.
  func delete(_ path: String, _ range: Range<Int>, _ name: @escaping @Sendable (Int) -> String) async throws {
    _ = try await LoadRun.run(self, connections: Self.clients) { connection, number in
      let index = range.lowerBound + number * Self.clients + connection
      return range.contains(index) ? request("DELETE", "\(path)/\(name(index))") : nil
    }
  }
}
