package import APIClient
package import KubernetesAPI
package import Logging

/// What every controller works with.
package struct ControllerContext: Sendable {
  package let client: APIClient
  package let informers: InformerFactory
  package var logger: Logger
  /// The wall clock, for what is written into objects.
  package var now: @Sendable () -> Timestamp = { .now }
  package var clock: any Clock<Duration> = ContinuousClock()

  package init(client: APIClient, informers: InformerFactory, logger: Logger) {
    self.client = client
    self.informers = informers
    self.logger = logger
  }

  /// The client and the recorder of one controller, under its name.
  func recorder(_ component: String) -> EventRecorder {
    EventRecorder(client: client, component: component, logger: logger, now: now)
  }
}
