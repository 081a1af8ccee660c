package import NFTables
package import NetworkTypes
package import ServicePlan

extension ServiceRules {
  /// The element operations of a delta: first everything that goes, then everything that comes.
  package func elementSteps(_ delta: ServiceDelta) -> NFTTransaction {
    var transaction = NFTTransaction(table)
    transaction.delete(delta.services.removed.map { SetElement(key($0)) }, from: MapName.services)
    transaction.delete(delta.slots.removed.map { SetElement(key($0)) }, from: MapName.slots)
    transaction.delete(
      delta.affinityEndpoints.removed.map { SetElement(key($0)) }, from: MapName.affinityEndpoints)
    transaction.delete(delta.localEndpoints.removed.map(twice), from: MapName.localEndpoints)
    transaction.delete(delta.exemptAddresses.removed.map { SetElement(.of($0)) }, from: MapName.exempt)
    transaction.add(delta.exemptAddresses.added.map { SetElement(.of($0)) }, to: MapName.exempt)
    transaction.add(delta.localEndpoints.added.map(twice), to: MapName.localEndpoints)
    transaction.add(delta.affinityEndpoints.added.map { SetElement(key($0)) }, to: MapName.affinityEndpoints)
    transaction.add(delta.slots.added.map { SetElement(key($0.key), .of($0.value)) }, to: MapName.slots)
    transaction.add(
      delta.services.added.map { SetElement(key($0.key), RegisterWords(0, $0.value.backendClass.word, $0.value.id)) },
      to: MapName.services)
    return transaction
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

  private func twice(_ address: IPAddress) -> SetElement {
    var words = RegisterWords.of(address)
    words.append(address)
    return SetElement(words)
  }
}

extension RegisterWords {
  static func of(_ endpoint: SocketEndpoint) -> RegisterWords {
    var words = RegisterWords.of(endpoint.address)
    words.append(port: endpoint.port)
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
      guard element.key.count == addressWords + 2, let address = element.key.address(at: 0, family),
        let transport = TransportProtocol.allCases.first(where: { $0.number == element.key.byte(at: addressWords) }),
        let value = element.words, value.count == 3, let backendClass = BackendClass(word: value[1])
      else { return nil }
      services[ServiceAddress(address, transport, element.key.port(at: addressWords + 1))] =
        ServiceEntry(backendClass, id: value[2])
    }
    return services
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
