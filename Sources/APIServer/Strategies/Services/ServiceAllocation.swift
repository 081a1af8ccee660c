import JSONTree
import KubernetesAPI
import NetworkTypes

/// Gives a new or changed Service what it has to itself in the cluster: addresses, node ports and a port for health
/// checks. What was taken goes back where the request fails.
struct ServiceAllocation: Sendable {
  private let addresses: ServiceAddressAllocator
  private let nodePorts: NodePortAllocator
  /// `nil` in a dry run, in which nothing is taken.
  private let undo: RequestUndo?

  private static let path = FieldPath("spec")

  init(_ addresses: ServiceAddressAllocator, _ nodePorts: NodePortAllocator, for context: StrategyContext) {
    self.addresses = context.isDryRun ? addresses.copy() : addresses
    self.nodePorts = context.isDryRun ? nodePorts.copy() : nodePorts
    undo = context.isDryRun ? nil : context.undo
  }

  func complete(_ service: inout JSON, replacing old: JSON?) throws(APIStatus) {
    let faults = ServiceFamilies(configured: addresses.families).complete(&service, replacing: old)
    if !faults.isEmpty { throw .invalid(.services, service.name, faults.map(APIStatus.Cause.init)) }
    try giveAddresses(&service, replacing: old)
    if ServiceShape(service).usesNodePorts { try giveNodePorts(&service, replacing: old) }
    try giveHealthPort(&service, replacing: old)
  }

  // MARK: Addresses

  /// An address for every family that has none yet. Of an existing Service that is the secondary one alone.
  private func giveAddresses(_ service: inout JSON, replacing old: JSON?) throws(APIStatus) {
    let shape = ServiceShape(service)
    if shape.isExternalName || shape.clusterIPs.first == ServiceShape.noAddress { return }
    let was = old.map { ServiceShape($0) }
    var first = 0
    if let was, !was.isExternalName {
      // Headless it stays; a change of what is there is refused by validation.
      guard was.clusterIPs.first != ServiceShape.noAddress, was.families.count == 1, shape.families.count == 2 else {
        return
      }
      first = 1
    }
    let wanted = shape.clusterIPs
    var given = wanted
    for index in shape.families.indices.dropFirst(first) {
      let family: IPAddress.Family = shape.families[index] == "IPv6" ? .v6 : .v4
      let address = try takeAddress(index < wanted.count ? wanted[index] : "", family, for: service)
      if index < given.count { given[index] = address } else { given.append(address) }
    }
    service[path: "spec", "clusterIPs"] = .array(given.map { .string($0) })
    if let primary = given.first { service[path: "spec", "clusterIP"] = .string(primary) }
  }

  private func takeAddress(
    _ text: String, _ family: IPAddress.Family, for service: JSON
  ) throws(APIStatus) -> String {
    do {
      let address: IPAddress
      if let wanted = IPAddress(text) {
        try addresses.take(wanted)
        address = wanted
      } else {
        address = try addresses.takeAny(family)
      }
      undo?.add { [addresses] in addresses.release([address]) }
      // As it was asked for, in whatever form.
      return text.isEmpty ? address.description : text
    } catch {
      if text.isEmpty { throw .internalError("failed to allocate a serviceIP: \(error)") }
      throw Self.invalid(
        service, Self.path.child("clusterIPs"), service.spec["clusterIPs"] ?? .null,
        "failed to allocate IP \(text): \(error)")
    }
  }

  // MARK: Ports

  private func giveNodePorts(_ service: inout JSON, replacing old: JSON?) throws(APIStatus) {
    let shape = ServiceShape(service)
    var ports = shape.ports
    if let old {
      // What a Service names whose type has no node ports was never given to it.
      let was = ServiceShape(old)
      try giveMorePorts(&ports, shape, had: was.usesNodePorts ? Set(was.nodePorts) : [], service)
    } else {
      try giveFirstPorts(&ports, shape, service)
    }
    if !ports.isEmpty { service[path: "spec", "ports"] = .array(ports) }
  }

  /// Ports of one number, of different protocols, get one node port: the first that is asked for, where one is.
  private func giveFirstPorts(_ ports: inout [JSON], _ shape: ServiceShape, _ service: JSON) throws(APIStatus) {
    var wanted: [Int64: Int64] = [:]
    for port in ports {
      let (number, node) = Self.numbers(port)
      if node != 0, wanted[number] == nil { wanted[number] = node }
    }
    var given: [Int64: Int64] = [:]
    for index in ports.indices {
      let (number, asked) = Self.numbers(ports[index])
      if asked == 0, !shape.allocatesNodePorts { continue }
      var node = asked
      if let shared = given[number] {
        if asked == 0 { node = shared } else if asked != shared { try takePort(asked, service, index) }
      } else if let first = wanted[number] {
        try takePort(first, service, index)
        node = first
      } else {
        node = try takeAnyPort("a nodePort")
      }
      if given[number] == nil { given[number] = node }
      ports[index]["nodePort"] = .int(node)
    }
  }

  private func giveMorePorts(
    _ ports: inout [JSON], _ shape: ServiceShape, had: Set<Int64>, _ service: JSON
  ) throws(APIStatus) {
    var held = had
    for index in ports.indices {
      let asked = Self.numbers(ports[index]).node
      if asked == 0 {
        guard shape.allocatesNodePorts else { continue }
        ports[index]["nodePort"] = .int(try takeAnyPort("a nodePort"))
      } else if held.insert(asked).inserted {
        try takePort(asked, service, index)
      }
    }
  }

  private static func numbers(_ port: JSON) -> (number: Int64, node: Int64) {
    (port["port"]?.int ?? 0, port["nodePort"]?.int ?? 0)
  }

  private func takePort(_ port: Int64, _ service: JSON, _ index: Int) throws(APIStatus) {
    do {
      try nodePorts.take(port)
    } catch {
      throw Self.invalid(
        service, Self.path.child("ports")[index].child("nodePort"), .int(port), "\(error)")
    }
    undo?.add { [nodePorts] in nodePorts.release([port]) }
  }

  private func takeAnyPort(_ what: String) throws(APIStatus) -> Int64 {
    do {
      let port = try nodePorts.takeAny()
      undo?.add { [nodePorts] in nodePorts.release([port]) }
      return port
    } catch {
      throw .internalError("failed to allocate \(what): \(error)")
    }
  }

  private func giveHealthPort(_ service: inout JSON, replacing old: JSON?) throws(APIStatus) {
    let shape = ServiceShape(service)
    guard shape.needsHealthPort, old.map({ ServiceShape($0).needsHealthPort }) != true else { return }
    let port = shape.healthPort
    if port == 0 {
      service[path: "spec", "healthCheckNodePort"] = .int(try takeAnyPort("a HealthCheck NodePort 0"))
      return
    }
    do {
      try nodePorts.take(port)
    } catch {
      throw .internalError("failed to allocate requested HealthCheck NodePort \(port): \(error)")
    }
    undo?.add { [nodePorts] in nodePorts.release([port]) }
  }

  private static func invalid(_ service: JSON, _ path: FieldPath, _ value: JSON, _ detail: String) -> APIStatus {
    .invalid(.services, service.name, [APIStatus.Cause(.invalid(path, value, detail))])
  }
}
