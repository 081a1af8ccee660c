import HTTPTypes
import NetworkTypes

extension HTTPField.Name {
  private static let forwardedFor = HTTPField.Name("X-Forwarded-For")!
  private static let realAddress = HTTPField.Name("X-Real-Ip")!

  fileprivate static var forwarding: (list: HTTPField.Name, single: HTTPField.Name) { (forwardedFor, realAddress) }
}

extension APIServerRequest {
  /// The addresses that a request came by: what proxies name, then whoever is connected.
  var sourceAddresses: [String] {
    var addresses: [String] = []
    if let list = headers[HTTPField.Name.forwarding.list] {
      addresses = list.split(separator: ",").map { $0.filter { $0 != " " } }.filter(Self.isAddress)
    }
    if let single = headers[HTTPField.Name.forwarding.single], Self.isAddress(single), !addresses.contains(single) {
      addresses.append(single)
    }
    if let remoteAddress, addresses.last != remoteAddress { addresses.append(remoteAddress) }
    return addresses
  }

  private static func isAddress(_ text: String) -> Bool { IPAddress(text) != nil }
}
