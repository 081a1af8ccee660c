import ContainerRuntime
import JSONTree
import KubernetesAPI
import LinuxKernel
import Logging

extension PodWorker {
  /// Ends the pod where it has taken more of the node's disk than it may.
  func measureStorage() async {
    guard StorageUse.isBounded(pod), eviction == nil, !observation.isTerminating, !previousStatus.isTerminal,
      observation.runtime.hasRunningContainers
    else { return }
    do {
      guard let excess = try await storageUse().excess(of: pod) else { return }
      eviction = excess
      interrupt()
    } catch {
      logger.debug("What a pod takes of the disk is not known.", metadata: ["error": "\(Self.message(error))"])
    }
  }

  private func storageUse() async throws -> StorageUse {
    var use = StorageUse()
    var logs: [(name: String, files: [String])] = []
    for run in observation.runtime.allContainers {
      if run.state == .running {
        do {
          use.containers[run.name] = try await context.runtime.writtenBytes(by: run.id)
        } catch let error as ContainerRuntimeError where error.code == .notFound {
          // It has ended meanwhile.
        }
      }
      if !run.logPath.isEmpty { logs.append((run.name, [run.logPath] + LogRotation.rotated(run.logPath))) }
    }
    // By where they are, and not by what was mounted: that may have been by an earlier agent.
    let volumes = StorageUse.volumes(of: pod).map(\.containerName).map { name in
      (name: name, path: context.volumes.emptyDirectory(name, of: uid))
    }
    let runtimes = use
    let files = logs
    return try await BlockingThread.run {
      var use = runtimes
      for (name, paths) in files {
        use.containers[name, default: 0] += paths.reduce(0) { $0 + FileTree.size(of: $1) }
      }
      for volume in volumes { use.volumes[volume.name] = FileTree.size(of: volume.path) }
      return use
    }
  }
}
