/// CRI's messages under short names.
package enum CRI {
  package typealias Container = Runtime_V1_Container
  package typealias ContainerConfig = Runtime_V1_ContainerConfig
  package typealias ContainerState = Runtime_V1_ContainerState
  package typealias ContainerStatus = Runtime_V1_ContainerStatus
  package typealias ExecResult = Runtime_V1_ExecSyncResponse
  package typealias Image = Runtime_V1_Image
  package typealias KeyValue = Runtime_V1_KeyValue
  package typealias LinuxContainerResources = Runtime_V1_LinuxContainerResources
  package typealias LinuxContainerSecurityContext = Runtime_V1_LinuxContainerSecurityContext
  package typealias Mount = Runtime_V1_Mount
  package typealias NamespaceOption = Runtime_V1_NamespaceOption
  package typealias PodSandbox = Runtime_V1_PodSandbox
  package typealias PodSandboxConfig = Runtime_V1_PodSandboxConfig
  package typealias PodSandboxState = Runtime_V1_PodSandboxState
  package typealias PodSandboxStatus = Runtime_V1_PodSandboxStatus
  package typealias PortMapping = Runtime_V1_PortMapping
  package typealias RegistryCredentials = Runtime_V1_AuthConfig
  package typealias RuntimeCondition = Runtime_V1_RuntimeCondition
  package typealias VersionResponse = Runtime_V1_VersionResponse
}
