internal import Netlink

extension NFTTransaction {
  /// A number that differs between transactions that tell the kernel different things (FNV-1a over the messages).
  package var digest: UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in TransactionEncoder.encode(self).writer.bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    return hash
  }
}
