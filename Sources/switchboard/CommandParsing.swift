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

  static func block(_ text: String, option: String) throws -> CIDR {
    guard let block = CIDR(text) else {
      throw ValidationError("\(option) wants a block such as 10.96.0.0/12, not \"\(text)\"")
    }
    return block
  }
}
