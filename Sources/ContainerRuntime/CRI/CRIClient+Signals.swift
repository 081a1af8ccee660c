import NIOCore
import SwiftProtobuf

/// CRI's own field for the stop signal came after containerd 1.6, so the signal goes through containerd's task service.
extension CRIClient {
  /// Sends the signal to the container's first process and waits for its end, `seconds` at most. One that has ended
  /// already is no error.
  func ask(_ container: String, toEndBy signal: UInt32, seconds: Int64) async throws {
    let tasks = "/containerd.services.tasks.v1.Tasks/"
    do {
      let kill = Containerd_KillRequest.with {
        $0.containerID = container
        $0.signal = signal
      }
      let _: Containerd_Empty = try await containerd.unary(tasks + "Kill", kill)
      let wait = Containerd_WaitRequest.with { $0.containerID = container }
      let _: Containerd_WaitResponse = try await containerd.unary(tasks + "Wait", wait, timeout: .seconds(seconds))
    } catch let error as ContainerRuntimeError where error.code == .notFound || error.code == .deadlineExceeded {
      return
    }
  }
}
