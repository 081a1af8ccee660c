package import KubernetesAPI
package import Logging
import ServiceLifecycle
import Synchronization

/// One informer per kind, shared by everything in the process that follows the kind.
///
/// Ask for the informers first, then run the factory: it runs those that exist when it starts.
package final class InformerFactory: Service {
  package let client: APIClient
  private let logger: Logger
  private let informers = Mutex<[ResourceKind: Informer]>([:])

  package init(client: APIClient, logger: Logger) {
    self.client = client
    self.logger = logger
  }

  /// The informer of all objects of `kind`. `configuration` counts for whoever asks first.
  package func informer(
    for kind: ResourceKind, configuration: InformerConfiguration = InformerConfiguration()
  ) -> Informer {
    informers.withLock { informers in
      if let informer = informers[kind] { return informer }
      let informer = Informer(client: client, kind: kind, configuration: configuration, logger: logger)
      informers[kind] = informer
      return informer
    }
  }

  /// Runs every informer until the task is cancelled or shutdown begins.
  package func run() async {
    let running = informers.withLock { Array($0.values) }
    await withTaskGroup { group in
      for informer in running { group.addTask { await informer.run() } }
    }
  }
}
