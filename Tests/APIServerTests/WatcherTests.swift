import KubernetesAPI
import NIOCore
import Testing

@testable import APIServer

/// Watches at their limits: none of them may hold up the others, or the writes.
@Suite(.timeLimit(.minutes(5))) struct WatcherTests {
  private let cache = ResourceCache(kind: .configMaps, committed: CommittedRevision(0))

  private func object(_ revision: Int64) throws -> CachedObject {
    let text = #"{"metadata":{"name":"a","namespace":"b","resourceVersion":"\#(revision)"}}"#
    return try CachedObject(key: "b/a", revision: revision, encoded: Array(text.utf8), kind: .configMaps)
  }

  private func watcher(_ selection: Selection = Selection()) throws -> Watcher {
    let watcher = Watcher(
      kind: .configMaps, selection: selection, sendsBookmarks: false, deadline: .distantFuture,
      onEnd: { [cache] in cache.remove($0) })
    try cache.add(watcher, after: nil, sendsInitialEvents: false)
    return watcher
  }

  @Test func oneThatReadsNothingIsCutOffAndHoldsUpNobody() async throws {
    let (idle, awake) = (try watcher(), try watcher())
    for revision in 1...20_001 {
      cache.apply(try object(Int64(revision)), isDeletion: false)
      #expect(try await awake.next() != nil)
    }
    #expect(try await idle.next() == nil)
    #expect(cache.watcherCount == 1)
  }

  @Test func aFrameIsMadeOnceForAll() throws {
    let object = try object(5)
    var frames = ChangeFrames(CachedChange(object: object, previous: nil, isDeletion: false))
    let first = frames.frame(.added, nil)
    #expect(
      String(buffer: first) == #"{"type":"ADDED","object":\#(String(decoding: object.encoded, as: UTF8.self))}"# + "\n")
    func address(_ buffer: ByteBuffer) -> UnsafeRawPointer? { buffer.withUnsafeReadableBytes(\.baseAddress) }
    #expect(address(frames.frame(.added, nil)) == address(first))
    #expect(address(frames.frame(.modified, nil)) != address(first))
  }

  /// A change wakes the reader while its task is cancelled, which takes the watch out of the cache.
  @Test func readersMayGoWhileChangesArrive() async throws {
    // Watches of another namespace, so that a change takes its time.
    let others = try (0..<1_000).map { _ in try watcher(Selection(namespace: "elsewhere")) }
    let writer = Task {
      var revision: Int64 = 0
      while !Task.isCancelled {
        revision += 1
        cache.apply(try object(revision), isDeletion: false)
        await Task.yield()
      }
    }
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<8 {
        group.addTask {
          for _ in 0..<500 {
            guard let watcher = try? self.watcher() else { return }
            let (began, isReading) = AsyncStream.makeStream(of: Void.self)
            let reader = Task {
              while try await watcher.next() != nil { isReading.yield() }
            }
            for await _ in began { break }
            reader.cancel()
            _ = await reader.result
          }
        }
      }
    }
    writer.cancel()
    _ = await writer.result
    #expect(cache.watcherCount == others.count)
  }
}
