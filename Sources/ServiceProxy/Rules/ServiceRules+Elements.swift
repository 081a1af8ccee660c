internal import ClusterModel
package import NFTables
package import NetworkTypes
package import ServicePlan

extension ServiceRules {
  /// The element operations of a delta: first everything that goes, then everything that comes.
  package func elementSteps(_ delta: ServiceDelta) -> NFTTransaction {
    var transaction = NFTTransaction(table)
    transaction.delete(delta.services.removed.map { SetElement(key($0)) }, from: MapName.services)
    transaction.delete(delta.insideServices.removed.map { SetElement(key($0)) }, from: MapName.insideServices)
    transaction.delete(delta.guardedAddresses.removed.map { SetElement(key($0)) }, from: MapName.guarded)
    transaction.delete(delta.sourceRanges.removed.map(element), from: MapName.sourceRanges)
    transaction.delete(delta.slots.removed.map { SetElement(key($0)) }, from: MapName.slots)
    transaction.delete(
      delta.affinityEndpoints.removed.map { SetElement(key($0)) }, from: MapName.affinityEndpoints)
    transaction.delete(delta.localEndpoints.removed.map { SetElement(.twice($0)) }, from: MapName.localEndpoints)
    transaction.delete(delta.exemptAddresses.removed.map { SetElement(.of($0)) }, from: MapName.exempt)
    transaction.add(delta.sourceRanges.added.map(element), to: MapName.sourceRanges)
    transaction.add(
      delta.guardedAddresses.added.map { SetElement(key($0.key), RegisterWords($0.value)) }, to: MapName.guarded)
    transaction.add(delta.exemptAddresses.added.map { SetElement(.of($0)) }, to: MapName.exempt)
    transaction.add(delta.localEndpoints.added.map { SetElement(.twice($0)) }, to: MapName.localEndpoints)
    transaction.add(delta.affinityEndpoints.added.map { SetElement(key($0)) }, to: MapName.affinityEndpoints)
    transaction.add(delta.slots.added.map { SetElement(key($0.key), .of($0.value)) }, to: MapName.slots)
    transaction.add(delta.insideServices.added.map(element), to: MapName.insideServices)
    transaction.add(delta.services.added.map(element), to: MapName.services)
    return transaction
  }

  private func element(_ change: (key: ServiceAddress, value: ServiceEntry)) -> SetElement {
    let entry = change.value
    return SetElement(
      key(change.key),
      RegisterWords(entry.isMasqueraded ? Self.masqueradeTrait : 0, entry.backendClass.word, entry.id))
  }

  private func element(_ range: SourceRange) -> SetElement {
    var (first, last) = (RegisterWords(range.group), RegisterWords(range.group))
    first.append(range.block.base)
    last.append(range.block.last)
    return SetElement(first, through: last)
  }

  private func key(_ address: ServiceAddress) -> RegisterWords {
    var words = RegisterWords.of(address.address)
    words.append(byte: address.transport.number)
    words.append(port: address.port)
    return words
  }

  private func key(_ slot: ServiceSlot) -> RegisterWords { RegisterWords(slot.id, slot.number) }

  private func key(_ member: AffinityEndpoint) -> RegisterWords {
    var words = RegisterWords(member.id)
    words.append(.of(member.endpoint))
    return words
  }
}

/// What a table of these rules holds, read back. Elements that no version of these rules writes are reported as such:
/// the table is not to be adopted then.
extension ServiceRules {
  package func readServices(_ elements: [SetElement]) -> [ServiceAddress: ServiceEntry]? {
    var services: [ServiceAddress: ServiceEntry] = [:]
    services.reserveCapacity(elements.count)
    for element in elements {
      guard let address = address(element.key), let value = element.words, value.count == 3,
        value[0] == 0 || value[0] == Self.masqueradeTrait, let backendClass = BackendClass(word: value[1])
      else { return nil }
      services[address] = ServiceEntry(backendClass, id: value[2], isMasqueraded: value[0] != 0)
    }
    return services
  }

  package func readGuarded(_ elements: [SetElement]) -> [ServiceAddress: UInt32]? {
    var guarded: [ServiceAddress: UInt32] = [:]
    for element in elements {
      guard let address = address(element.key), let value = element.words, value.count == 1 else { return nil }
      guarded[address] = value[0]
    }
    return guarded
  }

  package func readSourceRanges(_ elements: [SetElement]) -> Set<SourceRange>? {
    var ranges: Set<SourceRange> = []
    for element in elements {
      guard let end = element.end, element.key.count == addressWords + 1, end.count == addressWords + 1,
        end[0] == element.key[0], let first = element.key.address(at: 1, family), let last = end.address(at: 1, family),
        let block = CIDR(from: first, through: last)
      else { return nil }
      ranges.insert(SourceRange(group: element.key[0], block: block))
    }
    return ranges
  }

  private func address(_ key: RegisterWords) -> ServiceAddress? {
    guard key.count == addressWords + 2, let address = key.address(at: 0, family),
      let transport = TransportProtocol.allCases.first(where: { $0.number == key.byte(at: addressWords) })
    else { return nil }
    return ServiceAddress(address, transport, key.port(at: addressWords + 1))
  }

  package func readSlots(_ elements: [SetElement]) -> [ServiceSlot: SocketEndpoint]? {
    var slots: [ServiceSlot: SocketEndpoint] = [:]
    slots.reserveCapacity(elements.count)
    for element in elements {
      guard element.key.count == 2, let value = element.words, let endpoint = endpoint(value, at: 0) else {
        return nil
      }
      slots[ServiceSlot(id: element.key[0], number: element.key[1])] = endpoint
    }
    return slots
  }

  package func readAffinityEndpoints(_ elements: [SetElement]) -> Set<AffinityEndpoint>? {
    var members: Set<AffinityEndpoint> = []
    for element in elements {
      guard element.key.count > 1, let endpoint = endpoint(element.key, at: 1) else { return nil }
      members.insert(AffinityEndpoint(id: element.key[0], endpoint: endpoint))
    }
    return members
  }

  /// The addresses that keys begin with.
  package func readAddresses(_ elements: [SetElement]) -> Set<IPAddress>? {
    let addresses = elements.compactMap { $0.key.address(at: 0, family) }
    return addresses.count == elements.count ? Set(addresses) : nil
  }

  private func endpoint(_ words: RegisterWords, at index: Int) -> SocketEndpoint? {
    guard words.count == index + addressWords + 1, let address = words.address(at: index, family) else { return nil }
    return SocketEndpoint(address, words.port(at: index + addressWords))
  }
}

extension CIDR {
  /// The block that begins and ends so; `nil` where no block does.
  fileprivate init?(from first: IPAddress, through last: IPAddress) {
    let hosts = (first.value ^ last.value).bitWidth - (first.value ^ last.value).leadingZeroBitCount
    self.init(first, prefixLength: first.family.bits - hosts)
    guard base == first, self.last == last else { return nil }
  }
}
