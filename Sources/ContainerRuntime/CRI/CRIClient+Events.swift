import SwiftProtobuf

extension CRIClient {
  /// containerd's topics for tasks; an exec's exit carries an id of its own and is left out.
  package func events() async throws -> AsyncThrowingStream<RuntimeEvent, any Error> {
    let request = Containerd_SubscribeRequest.with {
      $0.filters = [
        #"topic=="/tasks/start",namespace==k8s.io"#, #"topic=="/tasks/exit",namespace==k8s.io"#,
        #"topic=="/tasks/oom",namespace==k8s.io"#,
      ]
    }
    let envelopes: AsyncThrowingStream<Containerd_Envelope, any Error> = try await containerd.serverStream(
      "/containerd.services.events.v1.Events/Subscribe", request)
    let (events, continuation) = AsyncThrowingStream<RuntimeEvent, any Error>.makeStream()
    let reader = Task {
      do {
        for try await envelope in envelopes {
          if let event = try Self.decode(envelope) { continuation.yield(event) }
        }
        continuation.finish(throwing: ContainerRuntimeError(.unavailable, "the runtime ended its stream of events"))
      } catch {
        continuation.finish(throwing: error)
      }
    }
    // The reader ends with its consumer.
    continuation.onTermination = { _ in reader.cancel() }
    return events
  }

  static func decode(_ envelope: Containerd_Envelope) throws -> RuntimeEvent? {
    let payload = envelope.event.value
    switch envelope.topic {
    case "/tasks/start":
      let event = try Containerd_TaskStartEvent(serializedBytes: payload)
      return RuntimeEvent(containerID: event.containerID, kind: .started)
    case "/tasks/exit":
      let event = try Containerd_TaskExitEvent(serializedBytes: payload)
      guard event.id.isEmpty || event.id == event.containerID else { return nil }
      return RuntimeEvent(containerID: event.containerID, kind: .exited(code: event.exitStatus))
    case "/tasks/oom":
      let event = try Containerd_TaskOOMEvent(serializedBytes: payload)
      return RuntimeEvent(containerID: event.containerID, kind: .outOfMemory)
    default: return nil
    }
  }
}
