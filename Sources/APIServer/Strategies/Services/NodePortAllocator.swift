import Synchronization

/// Gives node ports to Services.
package final class NodePortAllocator: Sendable {
  private let pool: Mutex<NodePortPool>

  package convenience init(range: ClosedRange<Int64>) { self.init(NodePortPool(range: range)) }

  private init(_ pool: NodePortPool) { self.pool = Mutex(pool) }

  /// For a dry run: it begins as this one is, and what it gives nobody loses.
  func copy() -> NodePortAllocator { NodePortAllocator(pool.withLock { $0 }) }

  func adopt(_ ports: Set<Int64>) {
    pool.withLock { pool in
      for port in ports { pool.adopt(port) }
    }
  }

  func release(_ ports: some Sequence<Int64> & Sendable) {
    pool.withLock { pool in
      for port in ports { pool.release(port) }
    }
  }

  /// Takes a particular port.
  func take(_ port: Int64) throws(NodePortPool.Refusal) {
    try pool.withLock { pool throws(NodePortPool.Refusal) in try pool.take(port) }
  }

  /// Takes a free port.
  func takeAny() throws(NodePortPool.Refusal) -> Int64 {
    try pool.withLock { pool throws(NodePortPool.Refusal) in
      var generator = SystemRandomNumberGenerator()
      return try pool.takeAny(using: &generator)
    }
  }
}
