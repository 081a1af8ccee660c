import NetworkTypes

extension NameIndex {
  /// The most aliases that are followed in one answer.
  private static let aliasLimit = 8

  /// Answers a question of class IN, following aliases as long as they stay in the zone.
  package func resolve(_ name: DNSName, _ type: RecordType) -> NameResolution {
    var answers: [NameRecord] = []
    var current = name
    for _ in 0...Self.aliasLimit {
      var resolution = lookUp(current, type)
      guard case .found = resolution.outcome, let last = resolution.answers.last,
        case .alias(let target) = last.data, type != .cname, type != .any
      else {
        resolution.answers = answers + resolution.answers
        switch resolution.outcome {
        case .foreign where !answers.isEmpty: resolution.outcome = .unfinished(current)
        case .noData, .noSuchName: resolution.authority = authority(for: current)
        default: break
        }
        return resolution
      }
      answers += resolution.answers
      current = target
    }
    // A circle of aliases: what was gathered is all there is.
    return NameResolution(.found, answers: answers)
  }

  /// The start of authority of the zone a name is in.
  package func authority(for name: DNSName) -> NameRecord {
    let zone = configuration.zone
    let labels = name.labels
    let isReverse = labels.last == "arpa" && labels.count >= 2
    let owner = isReverse ? DNSName(labels: labels.suffix(2)) ?? zone : zone
    return NameRecord(
      owner, ttl: configuration.negativeTTL,
      .authority(
        StartOfAuthority(
          server: DNSName(labels: ["ns", "dns"])?.appending(zone) ?? zone,
          mailbox: DNSName(labels: ["hostmaster"])?.appending(zone) ?? zone, serial: serial,
          negativeTTL: configuration.negativeTTL)))
  }

  private func lookUp(_ name: DNSName, _ type: RecordType) -> NameResolution {
    let labels = name.labels
    if labels.suffix(zoneLabelCount) == configuration.zone.labels[...] {
      return lookUp(Array(labels.dropLast(zoneLabelCount)), Query(name: name, type: type, ttl: configuration.ttl))
    }
    if labels.count > 2, labels.last == "arpa" {
      return lookUpReverse(labels, Query(name: name, type: type, ttl: configuration.ttl))
    }
    return NameResolution(.foreign)
  }

  /// Labels are those in front of the zone's.
  private func lookUp(_ labels: [String], _ query: Query) -> NameResolution {
    switch labels.last {
    case nil: return query.answer([authority(for: query.name).data, .nameServer(serverName)])
    case "svc": return lookUpService(labels.dropLast(), query)
    case "pod": return lookUpPod(labels.dropLast(), query)
    case "dns-version" where labels.count == 1: return query.answer([.text("1.1.0")])
    case "dns" where labels.count == 1: return NameResolution(.noData)
    case "dns" where labels == ["ns", "dns"]:
      return query.answer(configuration.serverAddresses.map(RecordData.address))
    default: return NameResolution(.noSuchName)
    }
  }

  private var serverName: DNSName {
    DNSName(labels: ["ns", "dns"])?.appending(configuration.zone) ?? configuration.zone
  }

  /// `a-b-c-d.NAMESPACE.pod`: whoever asks so knows the address already, so nothing is looked up but the namespace.
  private func lookUpPod(_ labels: ArraySlice<String>, _ query: Query) -> NameResolution {
    guard let namespace = labels.last else { return NameResolution(.noData) }
    guard hasNamespace(namespace), labels.count <= 2 else { return NameResolution(.noSuchName) }
    guard labels.count == 2 else { return NameResolution(.noData) }
    guard let address = IPAddress(dashed: labels[0]) else { return NameResolution(.noSuchName) }
    return query.answer([.address(address)])
  }

  private func lookUpService(_ labels: ArraySlice<String>, _ query: Query) -> NameResolution {
    guard let namespace = labels.last else { return NameResolution(.noData) }
    guard labels.count > 1 else { return NameResolution(hasNamespace(namespace) ? .noData : .noSuchName) }
    guard let key = DNSName(labels: labels.suffix(2))?.wire.dropLast(),
      let service = key.withUnsafeBufferPointer({ service(wire: $0) }), !service.isEmpty
    else { return NameResolution(.noSuchName) }
    let answers = ServiceAnswers(service: service, zone: configuration.zone, query: query)
    switch labels.count {
    case 2: return answers.own
    case 3: return answers.child(labels[0])
    case 4: return answers.port(labels[0], protocolLabel: labels[1])
    default: return NameResolution(.noSuchName)
    }
  }

  private func lookUpReverse(_ labels: [String], _ query: Query) -> NameResolution {
    guard let block = ReverseName.block(labels) else {
      return NameResolution(.foreign)
    }
    let isLocal = isLocal(block)
    guard block.prefixLength == block.family.bits else {
      return NameResolution(isLocal ? .noData : .foreign)
    }
    let names = services(at: block.base).flatMap { $0.pointers(for: block.base, zone: configuration.zone) }
    if names.isEmpty { return NameResolution(isLocal ? .noSuchName : .foreign) }
    return query.answer(Set(names).sorted().map(RecordData.pointer))
  }
}

/// A question within the zone.
struct Query {
  let name: DNSName
  let type: RecordType
  let ttl: UInt32

  /// Those of the records at the question's name that have its type; none of them is "no data".
  func answer(_ data: [RecordData]) -> NameResolution {
    let matching = data.filter { $0.type == type || type == .any }
    return NameResolution(
      matching.isEmpty ? .noData : .found, answers: matching.map { NameRecord(name, ttl: ttl, $0) })
  }
}
