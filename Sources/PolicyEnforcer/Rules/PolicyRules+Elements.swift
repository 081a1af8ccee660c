internal import ClusterModel
package import NFTables
internal import NetworkTypes
package import PolicyPlan

extension PolicyRules {
  /// The element operations of a delta that make way.
  package func removals(_ delta: PolicyDelta) -> NFTTransaction {
    var transaction = NFTTransaction(table)
    for direction in PolicyDirection.allCases {
      let gone = delta.subjects.removed.filter { $0.direction == direction }
      transaction.delete(gone.map { SetElement(.of($0.address)) }, from: Name.subjects(direction))
    }
    transaction.delete(delta.members.removed.map(element), from: Name.members)
    transaction.delete(delta.sockets.removed.map(element), from: Name.sockets)
    transaction.delete(delta.blocks.removed.map(element), from: Name.blocks)
    transaction.delete(delta.ports.removed.map(element), from: Name.ports)
    transaction.delete(delta.podAddresses.removed.map { SetElement(.twice($0)) }, from: Name.pods)
    return transaction
  }

  /// Those that put what is new in place.
  package func additions(_ delta: PolicyDelta) -> NFTTransaction {
    var transaction = NFTTransaction(table)
    transaction.add(delta.podAddresses.added.map { SetElement(.twice($0)) }, to: Name.pods)
    transaction.add(delta.ports.added.map(element), to: Name.ports)
    transaction.add(delta.blocks.added.map(element), to: Name.blocks)
    transaction.add(delta.sockets.added.map(element), to: Name.sockets)
    transaction.add(delta.members.added.map(element), to: Name.members)
    for direction in PolicyDirection.allCases {
      let new = delta.subjects.added.filter { $0.key.direction == direction }
      transaction.add(
        new.map { SetElement(.of($0.key.address), RegisterWords(0, $0.value)) }, to: Name.subjects(direction))
    }
    return transaction
  }

  private func element(_ member: GroupAddress) -> SetElement {
    var key = RegisterWords(member.group)
    key.append(member.address)
    return SetElement(key)
  }

  private func element(_ member: GroupSocket) -> SetElement {
    var key = RegisterWords(member.group)
    key.append(member.endpoint.address)
    key.append(byte: member.transport.number)
    key.append(port: member.endpoint.port)
    return SetElement(key)
  }

  private func element(_ member: GroupBlock) -> SetElement {
    var (first, last) = (RegisterWords(member.group), RegisterWords(member.group))
    first.append(member.first)
    last.append(member.last)
    return SetElement(first, through: last)
  }

  private func element(_ member: GroupPorts) -> SetElement {
    var (first, last) = (RegisterWords(member.group), RegisterWords(member.group))
    first.append(byte: member.transport.number)
    last.append(byte: member.transport.number)
    first.append(port: member.ports.lowerBound)
    last.append(port: member.ports.upperBound)
    return SetElement(first, through: last)
  }
}
