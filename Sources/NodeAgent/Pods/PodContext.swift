import APIClient
import ClusterModel
import ContainerRuntime
import JSONTree
import KubernetesAPI
import Logging
import NetworkTypes

/// What every pod worker shares.
struct PodContext: Sendable {
  let configuration: NodeAgentConfiguration
  let runtime: any RuntimeService
  let objects: PodObjects
  let admitter: PodAdmitter
  let volumes: VolumeManager
  let sandboxes: SandboxConfigBuilder
  let executor: any ProbeExecutor
  let events: PodEvents
  let statuses: StatusWriter
  let machine: MachineFacts
  var controlGroups = ControlGroupTree()
  /// A pod has given something up that others may wait for.
  var roomChanged: @Sendable () -> Void = {}
  /// The Services known now that pods of a namespace are told of.
  let services: @Sendable (_ namespace: String) -> [ServiceModel]
  /// `nil`: pods are told to end at once.
  var withdrawal: PodWithdrawal?
  let clock: any Clock<Duration>
  let now: @Sendable () -> Timestamp
  let logger: Logger

  var hostAddresses: [String] { configuration.hostAddresses }

  func downward(_ pod: JSON, addresses: [String]) -> DownwardField {
    DownwardField(
      pod: pod, nodeName: configuration.nodeName, hostAddresses: hostAddresses,
      podAddresses: pod.usesHostNetwork ? hostAddresses : addresses,
      allocatableMilliCPU: machine.milliCPU, allocatableMemory: machine.memory,
      allocatableStorage: machine.storage)
  }
}
