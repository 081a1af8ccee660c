package import NFTables
internal import NetworkTypes
package import PolicyPlan

extension PolicyRules {
  /// Steps that make a profile's chain what it is to be; `isNew` where there is none yet.
  package func put(_ profile: PolicyProfile, _ number: UInt32, isNew: Bool) -> [NFTOperation] {
    let chain = Name.chain(number)
    let rules = profile.rules.map { rule($0, profile.direction) } + denial(profile.direction)
    return [isNew ? .addChain(Chain(chain)) : .flushChain(chain)] + rules.map { .addRule(chain: chain, $0) }
      + (isNew ? [.addElements(set: Name.profiles, [element(number)])] : [])
  }

  /// Steps that take a profile away that no pod has any more.
  package func remove(_ number: UInt32) -> [NFTOperation] {
    [
      .deleteElements(set: Name.profiles, [SetElement(RegisterWords(number))]), .flushChain(Name.chain(number)),
      .deleteChain(Name.chain(number)),
    ]
  }

  private func element(_ number: UInt32) -> SetElement {
    SetElement(RegisterWords(number), .verdict(.jump(Name.chain(number))))
  }

  private func rule(_ rule: PolicyRule, _ direction: PolicyDirection) -> Rule {
    let (key, ports) = (Register(0), Register(8))
    let peer = direction == .ingress ? source(into: key + 1) : destination(into: key + 1)
    var steps: [RuleExpression] = []
    switch rule.peers {
    case .anybody: break
    case .addresses(let group):
      steps += [.load(RegisterWords(group), into: key), peer, .member(of: Name.members, key: key, inverted: false)]
    case .blocks(let group):
      steps += [.load(RegisterWords(group), into: key), peer, .member(of: Name.blocks, key: key, inverted: false)]
    case .sockets(let group):
      steps += [.load(RegisterWords(group), into: key), peer] + service(into: key + 1 + addressWords)
      steps.append(.member(of: Name.sockets, key: key, inverted: false))
    }
    if let group = rule.ports {
      steps += [.load(RegisterWords(group), into: ports)] + service(into: ports + 1)
      steps.append(.member(of: Name.ports, key: ports, inverted: false))
    }
    return Rule(comment(rule.origins), steps + [.counter, .verdict(.return)])
  }

  /// The packet's protocol and destination port.
  private func service(into register: Register) -> [RuleExpression] {
    [.meta(.transportProtocol, into: register), .payload(.transport, offset: 2, length: 2, into: register + 1)]
  }

  /// As much as the kernel takes, in whole names.
  private func comment(_ origins: [PolicyRuleReference]) -> String {
    var text = ""
    for origin in origins {
      let next = text.isEmpty ? origin.description : "\(text), \(origin)"
      guard next.utf8.count <= 120 else { return text + (text.isEmpty ? "" : " …") }
      text = next
    }
    return text
  }
}
