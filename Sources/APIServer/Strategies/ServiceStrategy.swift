import JSONTree
import KubernetesAPI
import NetworkTypes

/// Services get their cluster address and node ports when they are made and give them back when they go.
struct ServiceStrategy: ResourceStrategy {
  let addresses: ServiceAddressAllocator
  let nodePorts: NodePortAllocator

  var returnsDeletedObject: Bool { true }

  func prepareForCreate(_ object: inout JSON, _ context: StrategyContext) throws(APIStatus) {
    object["status"] = ["loadBalancer": [:]]
    try complete(&object, old: nil)
  }

  func prepareForUpdate(_ object: inout JSON, from old: JSON, _ context: StrategyContext) throws(APIStatus) {
    let type = Self.type(object)
    if type != "ExternalName", Self.type(old) != "ExternalName" {
      // An update that leaves the addresses out keeps them.
      for member in ["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"]
      where (object[path: "spec", member] ?? "") == "" {
        object[path: "spec", member] = old[path: "spec", member]
      }
      keepNodePorts(&object, of: old)
    }
    Self.dropFieldsOfOldType(&object, of: old)
    try complete(&object, old: old)
  }

  func release(_ object: JSON) {
    addresses.release(object)
    nodePorts.release(object)
  }

  func settle(_ kept: JSON, instead dropped: JSON) {
    addresses.settle(kept, instead: dropped)
    nodePorts.settle(kept, instead: dropped)
  }

  private func complete(_ object: inout JSON, old: JSON?) throws(APIStatus) {
    let type = Self.type(object)
    if type == "ExternalName" {
      for member in ["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"] { object[path: "spec", member] = nil }
      return
    }
    // A Service of what was taken by now, to be given back after a fault.
    var taken: JSON = [:]
    do throws(APIStatus) {
      taken[path: "spec", "clusterIP"] = try assignAddress(&object, old: old).map { .string($0.description) }
      try assignNodePorts(&object, old: old, taken: &taken)
    } catch {
      release(taken)
      throw error
    }
  }

  /// Returns the address that was taken now.
  private func assignAddress(_ object: inout JSON, old: JSON?) throws(APIStatus) -> IPAddress? {
    object[path: "spec", "ipFamilies"] = object[path: "spec", "ipFamilies"] ?? ["IPv4"]
    object[path: "spec", "ipFamilyPolicy"] = object[path: "spec", "ipFamilyPolicy"] ?? "SingleStack"
    let given =
      object[path: "spec", "clusterIP"]?.string ?? object[path: "spec", "clusterIPs"]?.items.first?.string ?? ""
    let had = old?[path: "spec", "clusterIP"]?.string ?? ""
    var address = given
    var taken: IPAddress?
    if given.isEmpty {
      guard let free = addresses.takeAny() else {
        throw .internalError("failed to allocate a serviceIP: range is full")
      }
      taken = free
      address = free.description
    } else if !had.isEmpty, given != had {
      throw Self.invalidAddress(given, of: object, field: "spec.clusterIPs[0]", "may not change once set")
    } else if given != "None", had.isEmpty {
      taken = try take(given, for: object)
    }
    object[path: "spec", "clusterIP"] = .string(address)
    object[path: "spec", "clusterIPs"] = [.string(address)]
    return taken
  }

  private func take(_ text: String, for object: JSON) throws(APIStatus) -> IPAddress {
    let why: String
    if let address = IPAddress(text) {
      if !addresses.range.contains(address) {
        why =
          "failed to allocate IP \(text): the provided IP (\(text)) is not in the valid range. The range of valid "
          + "IPs is \(addresses.range)"
      } else if addresses.take(address) {
        return address
      } else {
        why = "failed to allocate IP \(text): provided IP is already allocated"
      }
    } else {
      why = "must be a valid IP address"
    }
    throw Self.invalidAddress(text, of: object, field: "spec.clusterIPs", why)
  }

  private static func invalidAddress(_ text: String, of object: JSON, field: String, _ why: String) -> APIStatus {
    .invalid(
      .services, object.name,
      [APIStatus.Cause(reason: "FieldValueInvalid", message: "Invalid value: [\"\(text)\"]: \(why)", field: field)])
  }

  private func assignNodePorts(_ object: inout JSON, old: JSON?, taken: inout JSON) throws(APIStatus) {
    let needsPorts = Self.needsNodePorts(object)
    var takenPorts: [JSON] = []
    defer { taken[path: "spec", "ports"] = .array(takenPorts) }
    var ports = object[path: "spec", "ports"]?.items ?? []
    let held = Set((old?[path: "spec", "ports"]?.items ?? []).map { PortUse($0) })
    for index in ports.indices {
      let use = PortUse(ports[index])
      if use.port > 0 {
        if held.contains(use) { continue }
        try take(use, index, object)
        takenPorts.append(ports[index])
      } else if needsPorts {
        guard let port = nodePorts.takeAny(transport: use.transport) else {
          throw .internalError("failed to allocate a nodePort: range is full")
        }
        ports[index]["nodePort"] = .int(port)
        takenPorts.append(ports[index])
      }
    }
    if !ports.isEmpty { object[path: "spec", "ports"] = .array(ports) }
  }

  struct PortUse: Hashable {
    let port: Int64
    let transport: String

    init(_ json: JSON) {
      port = json["nodePort"]?.int ?? 0
      transport = json["protocol"]?.string ?? "TCP"
    }
  }

  private func take(_ use: PortUse, _ index: Int, _ object: JSON) throws(APIStatus) {
    let why: String
    if !nodePorts.range.contains(use.port) {
      why =
        "provided port is not in the valid range. The range of valid ports is "
        + "\(nodePorts.range.lowerBound)-\(nodePorts.range.upperBound)"
    } else if nodePorts.take(use.port, transport: use.transport) {
      return
    } else {
      why = "provided port is already allocated"
    }
    throw .invalid(
      .services, object.name,
      [
        APIStatus.Cause(
          reason: "FieldValueInvalid", message: "Invalid value: \(use.port): \(why)",
          field: "spec.ports[\(index)].nodePort")
      ])
  }

  /// A port that stays keeps its node port when the update leaves it out.
  private func keepNodePorts(_ object: inout JSON, of old: JSON) {
    guard Self.type(object) != "ClusterIP", var ports = object[path: "spec", "ports"]?.array else { return }
    let was = old[path: "spec", "ports"]?.items ?? []
    for index in ports.indices where ports[index]["nodePort"] == nil {
      let same = was.first {
        $0["port"] == ports[index]["port"] && PortUse($0).transport == PortUse(ports[index]).transport
      }
      if let port = same?["nodePort"] { ports[index]["nodePort"] = port }
    }
    object[path: "spec", "ports"] = .array(ports)
  }

  static func type(_ service: JSON) -> String { service[path: "spec", "type"]?.string ?? "ClusterIP" }
}
