/// One of the sixteen 32-bit registers of nftables' little machine; wider values use the ones that follow.
/// `NFT_REG32_00`… of `linux/netfilter/nf_tables.h`.
package struct Register: Hashable, Sendable, CustomStringConvertible {
  package static let count = 16

  /// 0 to 15.
  package let index: Int

  package init(_ index: Int) {
    precondition((0..<Self.count).contains(index), "nftables has 16 registers")
    self.index = index
  }

  /// The number the kernel knows it by; the verdict register is 0.
  package var number: UInt32 { 8 + UInt32(index) }
  package var description: String { "r\(index)" }

  package static func + (register: Register, words: Int) -> Register { Register(register.index + words) }
  package static func - (register: Register, words: Int) -> Register { Register(register.index - words) }
}
