internal import ClusterModel
internal import LinuxKernel
internal import Synchronization

/// What others tell the announcer's thread.
final class AnnouncerInbox: Sendable {
  struct Content {
    var updates: [ClusterUpdate] = []
    var servicesAreInForce = false
    var isStopped = false
  }

  private struct State {
    var content = Content()
    var isSignalled = false
  }

  private let state = Mutex(State())
  private let signal: Pipe

  init() throws(KernelError) { signal = try Pipe() }

  func add(_ update: ClusterUpdate) { change { $0.updates.append(update) } }
  func markServicesInForce() { change { $0.servicesAreInForce = true } }
  func stop() { change { $0.isStopped = true } }

  private func change(_ body: (inout Content) -> Void) {
    state.withLock { state in
      body(&state.content)
      guard !state.isSignalled else { return }
      state.isSignalled = true
      // One byte at a time lies in the pipe, whose other end lives as long as this object: the write cannot fail.
      try? signal.write([1])
    }
  }

  /// The thread waits on this.
  var descriptor: Int32 { signal.read.rawValue }

  /// Takes what came since the last time; what is not an update stays.
  func take() throws(KernelError) -> Content {
    try state.withLock { (state) throws(KernelError) in
      if state.isSignalled { _ = try signal.read.read(upTo: 1) }
      state.isSignalled = false
      defer { state.content.updates = [] }
      return state.content
    }
  }
}
