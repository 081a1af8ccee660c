import APIClient
import JSONTree
import KubernetesAPI
import ServiceLifecycle

/// Lets claims and volumes that are being deleted go, once nothing uses them. Admission gives each the finalizer by which
/// it waits for that.
package final class StorageProtectionController: Service {
  private static let claimFinalizer = "kubernetes.io/pvc-protection"
  private static let volumeFinalizer = "kubernetes.io/pv-protection"

  private let context: ControllerContext
  private let claimClient: APIClient
  private let volumeClient: APIClient
  private let claims: Informer
  private let volumes: Informer
  private let pods: Informer

  package init(context: ControllerContext) {
    self.context = context
    claimClient = context.client.named("pvc-protection-controller")
    volumeClient = context.client.named("pv-protection-controller")
    claims = context.informers.informer(for: .persistentVolumeClaims)
    volumes = context.informers.informer(for: .persistentVolumes)
    pods = context.informers.informer(for: .pods)
  }

  package func run() async {
    let ofClaims = Reconciler(
      "pvc-protection",
      sources: [
        .init(claims) { $0.object.map { ["\($0.objectName)"] } ?? [] },
        .init(pods) { event in
          guard let pod = event.object else { return [] }
          return Self.claims(of: pod).map { "\(pod.namespace)/\($0)" }
        },
      ], queue: WorkQueue(clock: context.clock), logger: context.logger, sync: syncClaim)
    let ofVolumes = Reconciler(
      "pv-protection", sources: [.init(volumes) { $0.object.map { [$0.name] } ?? [] }],
      queue: WorkQueue(clock: context.clock), logger: context.logger, sync: syncVolume)
    await withDiscardingTaskGroup { group in
      group.addTask { await ofClaims.run() }
      group.addTask { await ofVolumes.run() }
    }
  }

  /// The claims that a pod names; an ephemeral volume's claim has the names of both.
  static func claims(of pod: JSON) -> [String] {
    (pod.spec["volumes"]?.items ?? []).compactMap { volume in
      if let name = volume[path: "persistentVolumeClaim", "claimName"]?.string { return name }
      return volume["ephemeral"] == nil ? nil : "\(pod.name)-\(volume["name"]?.string ?? "")"
    }
  }

  func syncClaim(_ key: String) async throws -> Duration? {
    let parts = key.split(separator: "/").map(String.init)
    guard parts.count == 2, let claim = claims.get(namespace: parts[0], name: parts[1]), claim.isTerminating,
      claim.finalizers.contains(Self.claimFinalizer)
    else { return nil }
    // The informer may be behind: whether a pod was just given to a node is asked of the server. A pod without one cannot
    // start any more with a claim that is going.
    let isUsed = try await claimClient.list(.pods, namespace: claim.namespace).items.contains { pod in
      !(pod.spec["nodeName"]?.string ?? "").isEmpty && Self.claims(of: pod).contains(claim.name)
    }
    if !isUsed { try await release(claim, .persistentVolumeClaims, Self.claimFinalizer, claimClient) }
    return nil
  }

  func syncVolume(_ name: String) async throws -> Duration? {
    guard let volume = volumes.get(name: name), volume.isTerminating,
      volume.finalizers.contains(Self.volumeFinalizer), volume.status["phase"] != "Bound"
    else { return nil }
    try await release(volume, .persistentVolumes, Self.volumeFinalizer, volumeClient)
    return nil
  }

  private func release(
    _ object: JSON, _ kind: ResourceKind, _ finalizer: String, _ client: APIClient
  ) async throws {
    var released = object
    let left = object.finalizers.filter { $0 != finalizer }
    released[path: "metadata", "finalizers"] = left.isEmpty ? nil : .array(left.map(JSON.string))
    do {
      _ = try await client.update(kind, released)
    } catch let error as APIError where error.isNotFound {
      // Somebody else let it go.
    }
  }
}
