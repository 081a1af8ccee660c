import ArgumentParser
import NetworkTypes

/// Reads options that hold addresses, and says which one is wrong.
enum CommandParsing {
  static func address(_ text: String, option: String) throws -> IPAddress {
    guard let address = IPAddress(text) else {
      throw ValidationError("\(option) wants an address such as 172.30.0.11, not \"\(text)\"")
    }
    return address
  }

  /// Options that hold one address or several, with commas between them.
  static func addresses(_ texts: [String], option: String) throws -> [IPAddress] {
    try parts(texts).map { try address($0, option: option) }
  }

  /// Blocks with commas between them, one of each family at most.
  static func blocks(_ text: String, option: String) throws -> [CIDR] {
    let blocks = try parts([text]).map { try block($0, option: option) }
    guard !blocks.isEmpty, Set(blocks.map(\.family)).count == blocks.count else {
      throw ValidationError("\(option) wants a block, or one of IPv4 and one of IPv6, not \"\(text)\"")
    }
    return blocks
  }

  private static func parts(_ texts: [String]) -> [String] {
    texts.flatMap { $0.split(separator: ",").map { String($0.drop { $0 == " " }) } }
  }

  static func block(_ text: String, option: String) throws -> CIDR {
    guard let block = CIDR(text) else {
      throw ValidationError("\(option) wants a block such as 10.96.0.0/12, not \"\(text)\"")
    }
    return block
  }
}
