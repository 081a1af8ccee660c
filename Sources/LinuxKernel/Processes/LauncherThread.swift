internal import Glibc
internal import Synchronization

/// One thread that lives as long as the process and runs closures one at a time.
///
/// A parent-death signal fires when the *thread* that cloned the child ends; threads of a pool end when idle.
final class LauncherThread: Sendable {
  static let shared = LauncherThread()

  // One caller at a time owns the thread; it waits for its own closure only.
  private let turn = Mutex(())
  private let work = Slot()
  private let creation: Int32

  private init() {
    var thread = pthread_t()
    let pointer = Unmanaged.passRetained(work).toOpaque()
    creation = pthread_create(&thread, nil, launcherMain, pointer)
    if creation == 0 { pthread_detach(thread) }
  }

  func run<Value>(_ body: () -> Value) throws(KernelError) -> Value {
    guard creation == 0 else { throw KernelError(errno: creation, operation: "pthread_create") }
    var result: Value?
    turn.withLock { _ in
      withoutActuallyEscaping({ result = body() }) { escaping in work.perform(escaping) }
    }
    return result!
  }

  /// Hands one closure over and waits until it has run.
  ///
  /// `@unchecked Sendable`: `body` is only touched between the two semaphores, by one thread at a time.
  fileprivate final class Slot: @unchecked Sendable {
    private let ready = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)
    private let done = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)
    private var body: (() -> Void)?

    init() {
      sem_init(ready, 0, 0)
      sem_init(done, 0, 0)
    }

    func perform(_ body: @escaping () -> Void) {
      self.body = body
      sem_post(ready)
      while sem_wait(done) != 0 {}
      self.body = nil
    }

    func loop() -> Never {
      while true {
        while sem_wait(ready) != 0 {}
        body?()
        sem_post(done)
      }
    }
  }
}

private func launcherMain(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  returnHome()
  Unmanaged<LauncherThread.Slot>.fromOpaque(argument!).takeUnretainedValue().loop()
}

/// A thread begins in the network namespace of the one that made it, which may be somewhere else for a moment. Children
/// are to begin in the process's own.
private func returnHome() {
  guard let home = try? NetworkNamespace.open(path: "/proc/self/ns/net"),
    let here = try? NetworkNamespace.current(), here.inode != home.inode
  else { return }
  do { try home.enter() } catch { preconditionFailure("cannot return to the process's network namespace: \(error)") }
}
