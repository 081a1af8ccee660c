package import LinuxKernel
import SwiftProtobuf

extension CRIClient {
  /// The network namespace of a sandbox, by the first process of it.
  package func networkNamespace(ofSandbox id: String) async throws -> NetworkNamespace {
    let answer: Containerd_GetTaskResponse = try await containerd.unary(
      "/containerd.services.tasks.v1.Tasks/Get", Containerd_GetTaskRequest.with { $0.containerID = id })
    guard answer.process.pid > 0 else {
      throw ContainerRuntimeError(.notFound, "the sandbox \(id) has no process; its pod is not running")
    }
    return try NetworkNamespace.open(process: Int32(answer.process.pid))
  }
}
