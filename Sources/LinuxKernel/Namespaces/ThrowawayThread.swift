internal import Glibc

/// A thread made for one synchronous piece of work and joined by whoever started it.
enum ThrowawayThread {
  /// Runs `body` on a new thread and waits for it. The caller's thread blocks meanwhile.
  static func run<Value>(_ body: () -> Value) throws(KernelError) -> Value {
    var result: Value?
    try runErased { result = body() }
    return result!
  }

  private static func runErased(_ body: () -> Void) throws(KernelError) {
    let code = withoutActuallyEscaping(body) { body -> Int32 in
      let work = Work(body)
      var thread = pthread_t()
      let code = withExtendedLifetime(work) {
        let status = pthread_create(&thread, nil, threadMain, Unmanaged.passUnretained(work).toOpaque())
        if status == 0 { pthread_join(thread, nil) }
        return status
      }
      work.body = nil
      return code
    }
    guard code == 0 else { throw KernelError(errno: code, operation: "pthread_create") }
  }
}

private final class Work {
  var body: (() -> Void)?
  init(_ body: @escaping () -> Void) { self.body = body }
}

// A function, not a closure: a closure from isolated code would carry its isolation onto the new thread and trap.
private func threadMain(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  Unmanaged<Work>.fromOpaque(argument!).takeUnretainedValue().body?()
  return nil
}
