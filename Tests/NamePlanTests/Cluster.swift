import ClusterModel
import KubernetesAPI
import NamePlan
import NetworkTypes

/// A cluster for tests, and the index that follows it.
struct Cluster {
  var snapshot = ClusterSnapshot()
  var index: NameIndex

  init(hashMask: UInt64 = .max) {
    var configuration = NameConfiguration()
    configuration.serverAddresses = [IPAddress(v4: 10, 96, 0, 10)]
    configuration.localBlocks = [CIDR("10.96.0.0/12")!, CIDR("10.244.0.0/16")!, CIDR("fd00::/64")!]
    index = NameIndex(configuration, hashMask: hashMask)
  }

  mutating func apply(_ events: ClusterEvent...) {
    var change = ClusterChange()
    for event in events { change.merge(snapshot.apply(event)) }
    index.apply(change, of: snapshot)
  }

  /// Answers as sorted lines of text, or the word for why there is none.
  func ask(_ name: String, _ type: RecordType) -> [String] {
    let resolution = index.resolve(DNSName(name)!, type)
    let lines = resolution.answers.map(\.line)
    switch resolution.outcome {
    case .found: return lines.sorted()
    case .noData: return lines + ["NODATA"]
    case .noSuchName: return lines + ["NXDOMAIN"]
    case .foreign: return lines + ["FOREIGN"]
    case .unfinished(let target): return lines + ["ASK \(target)"]
    }
  }
}

extension NameRecord {
  var line: String {
    switch data {
    case .address(let address): "\(owner) \(ttl) \(address.family == .v4 ? "A" : "AAAA") \(address)"
    case .service(let priority, let weight, let port, let target):
      "\(owner) \(ttl) SRV \(priority) \(weight) \(port) \(target)"
    case .pointer(let target): "\(owner) \(ttl) PTR \(target)"
    case .alias(let target): "\(owner) \(ttl) CNAME \(target)"
    case .nameServer(let target): "\(owner) \(ttl) NS \(target)"
    case .text(let text): "\(owner) \(ttl) TXT \(text)"
    case .authority(let soa): "\(owner) \(ttl) SOA \(soa.server) \(soa.mailbox) \(soa.negativeTTL)"
    }
  }
}

extension ServiceModel {
  static func clusterIP(_ name: String, _ address: String, ports: [Port] = []) -> ServiceModel {
    var service = ServiceModel(name: ObjectName(namespace: "shop", name: name))
    service.clusterIPs = address.split(separator: ",").map { IPAddress($0)! }
    service.ports = ports
    return service
  }

  static func headless(_ name: String, publishesNotReady: Bool = false) -> ServiceModel {
    var service = ServiceModel(name: ObjectName(namespace: "shop", name: name))
    service.isHeadless = true
    service.publishesNotReady = publishesNotReady
    return service
  }

  static func external(_ name: String, _ target: String) -> ServiceModel {
    var service = ServiceModel(name: ObjectName(namespace: "shop", name: name))
    service.kind = .externalName
    service.externalName = target
    return service
  }
}

extension EndpointSliceModel {
  /// Endpoints are written `ADDRESS`, `ADDRESS=HOSTNAME`; a `!` in front says that one is not ready.
  init(of service: String, _ endpoints: [String], ports: [Port] = [], name: String? = nil) {
    self.init(name: ObjectName(namespace: "shop", name: name ?? "\(service)-1"))
    self.service = ObjectName(namespace: "shop", name: service)
    self.ports = ports
    self.endpoints = endpoints.map { text in
      let parts = text.drop { $0 == "!" }.split(separator: "=")
      var endpoint = Endpoint(address: IPAddress(parts[0])!)
      endpoint.isReady = !text.hasPrefix("!")
      endpoint.hostname = parts.count > 1 ? String(parts[1]) : nil
      return endpoint
    }
    family = self.endpoints.first?.address.family ?? .v4
  }
}
