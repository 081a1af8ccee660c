import NetworkTypes
import Testing

@Suite struct IPAddressTests {
  @Test(arguments: [
    ("10.96.0.1", "10.96.0.1"), ("0.0.0.0", "0.0.0.0"), ("255.255.255.255", "255.255.255.255"), ("::", "::"),
    ("::1", "::1"), ("fd00:0:0:1::", "fd00:0:0:1::"), ("2001:DB8::A", "2001:db8::a"),
    ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"), ("::ffff:10.0.0.1", "::ffff:a00:1"), ("1:0:0:2:0:0:0:3", "1:0:0:2::3"),
    ("1:0:2:3:4:5:6:7", "1:0:2:3:4:5:6:7"), ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"),
  ])
  func textIsReadAndWrittenInItsCanonicalForm(text: String, canonical: String) throws {
    let address = try #require(IPAddress(text))
    #expect(address.description == canonical)
    #expect(IPAddress(canonical) == address)
    #expect(IPAddress(bytes: address.bytes) == address)
  }

  @Test(arguments: [
    "", "1.2.3", "1.2.3.4.5", "01.2.3.4", "1.2.3.256", "1.2.3.-4", "a.b.c.d", ":", ":::", "1::2::3", "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9", "12345::", "g::", "fe80::1%eth0", "1:2:3:4:5:6:7:8::", "::1.2.3", "1.2.3.4::", "1:",
  ])
  func otherTextIsRefused(text: String) { #expect(IPAddress(text) == nil) }

  @Test func blocksMaskAndContain() throws {
    let block = try #require(CIDR("10.244.3.7/24"))
    #expect(block.description == "10.244.3.0/24")
    #expect(block.last == IPAddress("10.244.3.255"))
    #expect(block.contains(IPAddress(v4: 10, 244, 3, 200)))
    #expect(!block.contains(IPAddress(v4: 10, 244, 4, 0)))
    #expect(!block.contains(try #require(IPAddress("::1"))))
    #expect(block.count == 256)
    #expect(CIDR("::/0")?.contains(try #require(IPAddress("ff::"))) == true)
    #expect(CIDR("0.0.0.0/0")?.contains(block) == true)
    #expect(CIDR("10.244.0.0/16")?.subnet(3, prefixLength: 24) == block)
    #expect(CIDR("10.244.0.0/16")?.subnet(256, prefixLength: 24) == nil)
  }

  @Test(arguments: ["10.0.0.0", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/08", "10.0.0.0/-1", "/8", "::/129"])
  func malformedBlocksAreRefused(text: String) { #expect(CIDR(text) == nil) }

  @Test func endpointsBracketIPv6() throws {
    #expect(SocketEndpoint(try #require(IPAddress("::1")), 80).description == "[::1]:80")
    #expect(SocketEndpoint(IPAddress(v4: 10, 0, 0, 1), 80).description == "10.0.0.1:80")
  }
}
