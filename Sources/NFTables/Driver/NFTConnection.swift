package import LinuxKernel
internal import Netlink

/// A way to nf_tables in one network namespace. Calls are short system calls; they block the calling thread.
package final class NFTConnection: Sendable {
  let socket: NetlinkSocket

  /// Works in `namespace`, or in the calling thread's where none is given.
  package init(in namespace: NetworkNamespace? = nil) throws(NFTablesError) {
    do {
      socket = try NetlinkSocket(.netfilter, in: namespace)
    } catch {
      throw NFTablesError(.socket, "cannot open a netlink socket to netfilter", cause: error)
    }
  }

  /// Puts all steps in force together, or none: an error names the step the kernel refused.
  package func commit(_ transaction: NFTTransaction) throws(NFTablesError) {
    guard !transaction.isEmpty else { return }
    let (writer, operations) = TransactionEncoder.encode(transaction)
    do {
      try socket.transact(writer)
    } catch {
      let operation = error.messageIndex.flatMap { $0 < operations.count ? operations[$0]?.summary : nil }
      throw NFTablesError(error, table: transaction.table, doing: operation ?? "commit")
    }
  }
}
