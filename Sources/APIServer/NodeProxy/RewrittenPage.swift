import Compression
import NIOConcurrencyHelpers
import NIOCore

/// A page from a backend whose links are rewritten on the way; gzip is undone for it.
final class RewrittenPage: ResponseStream {
  private struct State: ~Copyable {
    var rewriter: LinkRewriter
    var inflater: Inflater?
    var isOver = false
  }

  /// What one part of a page may become when it is decompressed.
  private static let maximumPart = 64 << 20

  private let page: any ResponseStream
  private let state: Locked

  /// NIO's own box takes nothing that cannot be copied, as an inflater.
  ///
  /// `@unchecked Sendable`: the state is touched with the lock held alone.
  private final class Locked: @unchecked Sendable {
    private let lock = NIOLock()
    private var state: State

    init(_ state: consuming State) { self.state = state }

    func with<Result>(_ body: (inout State) throws -> Result) rethrows -> Result {
      try lock.withLock { try body(&state) }
    }
  }

  /// - Parameter isCompressed: whether the page is gzip's.
  init(_ page: any ResponseStream, isCompressed: Bool, rewrite: @escaping @Sendable (String) -> String) throws {
    self.page = page
    state = Locked(
      State(
        rewriter: LinkRewriter(rewrite: rewrite),
        inflater: isCompressed ? try Inflater(Inflater.Configuration(.gzip)) : nil))
  }

  func next() async throws -> ByteBuffer? {
    while let part = try await page.next() {
      let bytes = try state.with { state in
        let plain = try state.inflater?.decompress(Array(part.readableBytesView), limit: Self.maximumPart)
        return state.rewriter.rewrite(plain ?? Array(part.readableBytesView))
      }
      // A part may be all of it in a tag that is not at its end.
      if !bytes.isEmpty { return ByteBuffer(bytes: bytes) }
    }
    let rest = state.with { state in
      defer { state.isOver = true }
      return state.isOver ? [] : state.rewriter.finish()
    }
    return rest.isEmpty ? nil : ByteBuffer(bytes: rest)
  }

  func cancel() { page.cancel() }
}
