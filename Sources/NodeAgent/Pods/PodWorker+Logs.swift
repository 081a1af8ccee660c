import ContainerRuntime
import KubernetesAPI
import LinuxKernel
import Logging

extension PodWorker {
  /// Rotates the logs of running containers that have grown too large.
  func rotateLogs() async {
    let configuration = context.configuration
    for container in observation.runtime.allContainers where container.state == .running && !container.logPath.isEmpty {
      let rotation = LogRotation(
        path: container.logPath, limit: configuration.containerLogLimit, files: configuration.containerLogFiles)
      guard rotation.isDue else { continue }
      do {
        let now = context.now().seconds
        let moved = try await BlockingThread.run { try rotation.moveAside(at: now) }
        do {
          try await context.runtime.reopenLog(of: container.id)
        } catch {
          rotation.putBack(moved)
          throw error
        }
      } catch {
        logger.warning(
          "A container's log could not be rotated.",
          metadata: ["container": "\(container.name)", "error": "\(Self.message(error))"])
      }
    }
  }
}
