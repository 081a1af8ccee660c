import APIClient
import ContainerRuntime
import JSONTree
import KubernetesAPI

extension PodWorker {
  func pullRetry(_ image: String) -> Timestamp {
    guard let failed = pullFailures[image] else { return context.now() }
    return pullBackoff.wait(image, failedAt: failed.time, now: context.now())?.until ?? context.now() + .milliseconds(1)
  }

  func ensureImage(_ container: JSON) async throws -> CRI.Image {
    let name = container.containerName
    let reference = container.image
    if let fault = ImageName.fault(in: reference) {
      let text =
        "Failed to apply default image tag \"\(reference)\": couldn't parse image name \"\(reference)\": \(fault)"
      context.events.container(pod, name, .warning, "InspectFailed", text)
      throw NodeAgentError(.invalidImageName, text)
    }
    let policy = container["imagePullPolicy"]?.string ?? (ImageName.isMutable(reference) ? "Always" : "IfNotPresent")
    let present = try await context.runtime.image(reference)
    if let present, policy != "Always" {
      context.events.container(
        pod, name, .normal, "Pulled",
        "Container image \"\(reference)\" already present on machine and can be accessed by the pod")
      return present
    }
    if policy == "Never" {
      let text = "Container image \"\(reference)\" is not present with pull policy of Never"
      context.events.container(pod, name, .warning, "ErrImageNeverPull", text)
      throw NodeAgentError(.errImageNeverPull, text)
    }
    if let failed = pullFailures[reference],
      pullBackoff.wait(reference, failedAt: failed.time, now: context.now()) != nil
    {
      let text = "Back-off pulling image \"\(reference)\""
      if observation.waiting[name]?.reason != "ImagePullBackOff" {
        context.events.container(pod, name, .normal, "BackOff", text)
        context.events.container(pod, name, .warning, "Failed", "Error: ImagePullBackOff")
      }
      throw NodeAgentError(.imagePullBackOff, "\(text): ErrImagePull: \(failed.message)")
    }
    return try await pull(reference, for: name)
  }

  private func pull(_ reference: String, for name: String) async throws -> CRI.Image {
    context.events.container(pod, name, .normal, "Pulling", "Pulling image \"\(reference)\"")
    let begin = context.now()
    do {
      let pulled = try await fetch(reference)
      guard let image = try await context.runtime.image(pulled) else {
        throw NodeAgentError(.errImagePull, "image \(reference) was pulled, but the runtime does not show it")
      }
      pullFailures[reference] = nil
      pullBackoff.reset(reference)
      let took = Self.exactText(context.now() - begin)
      context.events.container(
        pod, name, .normal, "Pulled",
        "Successfully pulled image \"\(reference)\" in \(took) (\(took) including waiting). Image size: "
          + "\(image.size) bytes.")
      return image
    } catch {
      try Task.checkCancellation()
      let text = Self.callMessage(error)
      let now = context.now()
      pullBackoff.noteTry(reference, failedAt: now, now: now)
      pullFailures[reference] = (now, text)
      context.events.container(pod, name, .warning, "Failed", "Failed to pull image \"\(reference)\": \(text)")
      context.events.container(pod, name, .warning, "Failed", "Error: ErrImagePull")
      throw NodeAgentError(.errImagePull, text)
    }
  }

  /// With each of the credentials that fit until one serves, else with none. Returns the runtime's name for the image.
  private func fetch(_ reference: String) async throws -> String {
    let config = try context.sandboxes.config(for: pod, attempt: observation.runtime.currentSandbox?.attempt ?? 0)
    let credentials = RegistryCredentials.find(for: reference, pod: pod, secrets: sources.secrets)
    guard !credentials.isEmpty else {
      return try await context.runtime.pullImage(reference, credentials: nil, sandbox: config)
    }
    var failures: [any Error] = []
    for credential in credentials {
      do {
        return try await context.runtime.pullImage(reference, credentials: credential, sandbox: config)
      } catch {
        try Task.checkCancellation()
        failures.append(error)
      }
    }
    guard failures.count > 1 else { throw failures[0] }
    let texts = failures.map(Self.callMessage)
    // As upstream joins several errors: each once.
    let distinct = texts.enumerated().filter { texts.firstIndex(of: $0.element) == $0.offset }.map(\.element)
    throw NodeAgentError(
      .errImagePull, distinct.count == 1 ? distinct[0] : "[\(distinct.joined(separator: ", "))]")
  }
}
