import Glibc
package import NetworkTypes

/// The servers that answer for names outside the cluster.
package struct UpstreamServers: Sendable {
  package enum Source: Hashable, Sendable {
    /// The `nameserver` lines of a file (resolv.conf(5)); read again when it changes.
    case file(String)
    case fixed([SocketEndpoint])
  }

  package let source: Source
  /// Addresses this server answers on itself: asking them would go round in a circle.
  private let own: Set<IPAddress>
  private var known: [SocketEndpoint] = []
  private var fileStamp: [Int] = []

  package init(_ source: Source, excluding own: some Sequence<IPAddress>) {
    self.source = source
    self.own = Set(own)
    if case .fixed(let servers) = source { known = servers }
  }

  /// The servers in the order they are to be asked, three at most.
  package mutating func current() -> [SocketEndpoint] {
    if case .file(let path) = source {
      var status = stat()
      guard stat(path, &status) == 0 else { return [] }
      let stamp = [
        Int(status.st_ino), Int(status.st_size), Int(status.st_mtim.tv_sec), Int(status.st_mtim.tv_nsec),
      ]
      if stamp != fileStamp {
        fileStamp = stamp
        known = Self.parse(Self.read(path)).map { SocketEndpoint($0, 53) }
      }
    }
    return Array(known.filter { !(own.contains($0.address) && $0.port == 53) }.prefix(3))
  }

  /// The addresses of a file's `nameserver` lines.
  package static func parse(_ text: String) -> [IPAddress] {
    text.split(whereSeparator: \.isNewline).compactMap { line in
      let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
      guard words.count >= 2, words[0] == "nameserver" else { return nil }
      // A zone (`fe80::1%eth0`) needs an interface, which a query through the routing table has not.
      return IPAddress(words[1])
    }
  }

  private static func read(_ path: String) -> String {
    guard let file = fopen(path, "re") else { return "" }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 64 << 10)
    let count = fread(&bytes, 1, bytes.count, file)
    return String(decoding: bytes[..<count], as: UTF8.self)
  }
}
