import Conntrack
import LinuxKernel
import NetworkTypes
import SwitchboardTesting
import Testing

@Suite struct KernelConntrackTests {
  @Test func flowsAreListedByDestinationAndForgotten() throws {
    let namespace = try NetworkNamespace.create()
    try namespace.command("ip", "link", "set", "lo", "up")
    for (source, port) in [(5000, 53), (5001, 53), (5000, 54)] {
      try namespace.command(
        "conntrack", "-I", "-p", "udp", "-s", "127.0.0.1", "-d", "127.0.0.2", "--sport", "\(source)", "--dport",
        "\(port)", "-t", "60")
    }
    try namespace.command(
      "conntrack", "-I", "-p", "tcp", "-s", "127.0.0.1", "-d", "127.0.0.2", "--sport", "5000", "--dport", "53", "-t",
      "60", "--state", "ESTABLISHED", "-u", "SEEN_REPLY,ASSURED")
    let connection = try ConntrackConnection(in: namespace)
    let target = SocketEndpoint(IPAddress("127.0.0.2")!, 53)
    let found = try connection.flows(.udp, .v4, to: target)
    #expect(found.count == 2)
    #expect(found.allSatisfy { $0.destination == target && $0.answerSource == target })
    #expect(Set(found.map(\.source.port)) == [5000, 5001])
    #expect(try connection.delete(found + found) == 2)
    #expect(try connection.flows(.udp, .v4, to: target).isEmpty)
    #expect(try connection.flows(.udp, .v4).count == 1)
    #expect(try connection.flows(.tcp, .v4).count == 1)
  }

  @Test func flowsOfIPv6AreListedByDestinationToo() throws {
    let namespace = try NetworkNamespace.create()
    try namespace.command("ip", "link", "set", "lo", "up")
    for (target, port) in [("fd00::2", 53), ("fd00::3", 53), ("fd00::2", 54)] {
      try namespace.command(
        "conntrack", "-I", "-p", "udp", "-s", "fd00::1", "-d", target, "--sport", "5000", "--dport", "\(port)", "-t",
        "60")
    }
    let connection = try ConntrackConnection(in: namespace)
    let target = SocketEndpoint(IPAddress("fd00::2")!, 53)
    let found = try connection.flows(.udp, .v6, to: target)
    #expect(found.map(\.destination) == [target])
    #expect(try connection.delete(found) == 1)
    #expect(try connection.flows(.udp, .v6).count == 2)
  }
}
