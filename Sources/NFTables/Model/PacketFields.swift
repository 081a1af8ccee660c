package import NetworkTypes

/// What rules of every table read of a packet, and the words they compare it with.
extension RuleExpression {
  /// The packet's source address.
  package static func source(_ family: IPAddress.Family, into register: Register) -> RuleExpression {
    address(family, v4: 12, v6: 8, into: register)
  }

  package static func destination(_ family: IPAddress.Family, into register: Register) -> RuleExpression {
    address(family, v4: 16, v6: 24, into: register)
  }

  /// struct iphdr and struct ipv6hdr.
  private static func address(
    _ family: IPAddress.Family, v4: UInt32, v6: UInt32, into register: Register
  ) -> RuleExpression {
    .payload(.network, offset: family == .v4 ? v4 : v6, length: UInt32(family.bits / 8), into: register)
  }
}

extension RegisterWords {
  package static func of(_ address: IPAddress) -> RegisterWords {
    var words = RegisterWords()
    words.append(address)
    return words
  }

  /// The address and itself: what speaks with itself is an element of a set of such pairs.
  package static func twice(_ address: IPAddress) -> RegisterWords {
    var words = RegisterWords.of(address)
    words.append(address)
    return words
  }

  package static func of(_ endpoint: SocketEndpoint) -> RegisterWords {
    var words = RegisterWords.of(endpoint.address)
    words.append(port: endpoint.port)
    return words
  }

  package static func of(byte: UInt8) -> RegisterWords {
    var words = RegisterWords()
    words.append(byte: byte)
    return words
  }

  /// The bits a block fixes.
  package static func mask(_ block: CIDR) -> RegisterWords {
    let bits = block.family.bits
    let full = UInt128.max >> UInt128(128 - bits)
    let hosts = block.prefixLength == 0 ? full : (block.prefixLength == bits ? 0 : full >> UInt128(block.prefixLength))
    return of(IPAddress(family: block.family, value: full & ~hosts))
  }

  package static func zeros(_ count: Int) -> RegisterWords {
    var words = RegisterWords()
    for _ in 0..<count { words.append(0) }
    return words
  }
}
