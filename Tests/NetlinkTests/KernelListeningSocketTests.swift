import Glibc
import LinuxKernel
import NetworkTypes
import Testing

@testable import Netlink

@Suite struct KernelListeningSocketTests {
  @Test func theKernelTellsWhoListensInANamespace() throws {
    let namespace = try NetworkNamespace.create()
    let wanted = [
      ListeningSocket(.tcp, IPAddress("127.0.0.1")!, 8080), ListeningSocket(.tcp, IPAddress("0.0.0.0")!, 80),
      ListeningSocket(.tcp, IPAddress("::")!, 81),
      ListeningSocket(.tcp, IPAddress("::")!, 82, takesBothFamilies: false),
      ListeningSocket(.udp, IPAddress("0.0.0.0")!, 53),
    ]
    try namespace.run {
      var open: [Int32] = []
      defer { for raw in open { close(raw) } }
      for socket in wanted {
        let bytes = socket.address.bytes
        let descriptor =
          switch socket.transport {
          case .udp: try BoundSocket.datagram(address: bytes, port: socket.port)
          default:
            try BoundSocket.stream(address: bytes, port: socket.port, bothFamilies: socket.takesBothFamilies)
          }
        let raw = descriptor.release()
        open.append(raw)
        if socket.transport == .tcp { try systemCall("listen") { listen(raw, 1) } }
      }
      #expect(Set(try ListeningSocket.all()) == Set(wanted))
      // The tables do not tell who takes one family only.
      let told = Set(wanted.map { ListeningSocket($0.transport, $0.address, $0.port) })
      #expect(Set(try ListeningSocket.printed()) == told)
    }
  }

  @Test func othersOfTheMachineAreNotThere() throws {
    #expect(try NetworkNamespace.create().run { try ListeningSocket.all() }.isEmpty)
  }
}

@Suite struct ListeningSocketTests {
  @Test func aSocketTakesWhatItIsBoundTo() {
    let (four, six) = (IPAddress("10.244.1.2")!, IPAddress("fd00::2")!)
    #expect(ListeningSocket(.tcp, IPAddress("::")!, 1).takes(four))
    #expect(!ListeningSocket(.tcp, IPAddress("::")!, 1, takesBothFamilies: false).takes(four))
    #expect(ListeningSocket(.tcp, IPAddress("::")!, 1, takesBothFamilies: false).takes(six))
    #expect(!ListeningSocket(.tcp, IPAddress("0.0.0.0")!, 1).takes(six))
    #expect(ListeningSocket(.tcp, four, 1).takes(four) && !ListeningSocket(.tcp, six, 1).takes(four))
  }

  @Test func kernelsWithoutDiagnosisAreAskedOtherwise() {
    #expect(ListeningSocket.saysNothing(KernelError(errno: EPROTONOSUPPORT, operation: "socket", object: "netlink")))
    #expect(ListeningSocket.saysNothing(NetlinkError(.refused(errno: ENOENT), "No such file or directory")))
    #expect(!ListeningSocket.saysNothing(KernelError(errno: EMFILE, operation: "socket", object: "netlink")))
    #expect(!ListeningSocket.saysNothing(NetlinkError(.malformed, "a socket of address family 9")))
  }

  @Test func socketsAreReadAsTheKernelPrintsThem() {
    let text = """
        sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
         0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1
         1: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 2 1
         2: 0201F40A:0016 0301F40A:A0B2 01 00000000:00000000 00:00000000 00000000     0        0 3 1
      """
    let sockets = ListeningSocket.parse(text, .tcp, "0A")
    #expect(
      sockets == [
        ListeningSocket(.tcp, IPAddress(v4: 127, 0, 0, 1), 8080), ListeningSocket(.tcp, IPAddress(v4: 0, 0, 0, 0), 22),
      ])
    #expect(!sockets[0].takes(IPAddress(v4: 10, 244, 1, 2)) && sockets[1].takes(IPAddress(v4: 10, 244, 1, 2)))
    let six = ListeningSocket.parse(
      "head\n 0: 00000000000000000000000000000000:0050 00000000000000000000000000000000:0000 0A x", .tcp, "0A")
    let mapped = ListeningSocket.parse(
      "head\n 0: 0000000000000000FFFF00000201F40A:0050 00000000000000000000000000000000:0000 0A x", .tcp, "0A")
    #expect(mapped.first?.address == IPAddress(v4: 10, 244, 1, 2))
    #expect(six.first?.takes(IPAddress(v4: 10, 244, 1, 2)) == true)
  }
}
