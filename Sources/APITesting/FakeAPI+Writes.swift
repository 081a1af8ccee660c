import APIClient
import JSONTree
import KubernetesAPI

extension FakeAPI {
  func create(_ target: Target, _ body: JSON, in state: inout State) throws -> JSON {
    var object = body
    let kind = target.kind
    guard object.kind == kind.kind, object.apiVersion == kind.apiVersion else {
      throw FakeFailure(400, "BadRequest", "the body is a \(object.apiVersion) \(object.kind), not a \(kind.kind)")
    }
    if kind.isNamespaced {
      guard let namespace = target.namespace, object.namespace.isEmpty || object.namespace == namespace else {
        throw FakeFailure(400, "BadRequest", "the namespace of the object does not match the request's")
      }
      guard let owner = state.objects[.namespaces]?[ObjectName(name: namespace)] else {
        throw FakeFailure.notFound(.namespaces, namespace)
      }
      guard !owner.isTerminating else {
        throw FakeFailure(
          403, "NamespaceTerminating",
          "unable to create new content in namespace \(namespace) because it is being terminated")
      }
      object[path: "metadata", "namespace"] = .string(namespace)
    } else if !object.namespace.isEmpty {
      throw FakeFailure(400, "BadRequest", "\(kind.plural) have no namespace")
    }
    if object.name.isEmpty, let base = object["metadata"]?["generateName"]?.string {
      object[path: "metadata", "name"] = .string(GeneratedName.from(base))
    }
    let mistakes = NameRules.dnsSubdomain(object.name)
    guard mistakes.isEmpty || kind.plural == "events" else {
      throw FakeFailure(422, "Invalid", "metadata.name: Invalid value: \"\(object.name)\": \(mistakes[0])")
    }
    guard object.resourceVersion.isEmpty else {
      throw FakeFailure(400, "BadRequest", "resourceVersion should not be set on objects to be created")
    }
    guard state.objects[kind]?[object.objectName] == nil else {
      throw FakeFailure(409, "AlreadyExists", "\(kind.qualifiedResource) \"\(object.name)\" already exists")
    }
    object[path: "metadata", "uid"] = .string(UID.random())
    object[path: "metadata", "creationTimestamp"] = .string(now().description)
    if object["spec"] != nil { object[path: "metadata", "generation"] = 1 }
    if kind.subresources.contains("status") { object["status"] = nil }
    if kind == .pods { object["status"] = ["phase": "Pending"] }
    if kind == .namespaces {
      object["spec"] = ["finalizers": ["kubernetes"]]
      object["status"] = ["phase": "Active"]
    }
    return state.insert(object, kind: kind)
  }

  func createSubresource(_ target: Target, _ current: JSON, _ body: JSON, in state: inout State) throws -> JSON {
    guard target.kind == .pods, target.subresource == "binding", let node = body["target"]?["name"]?.string else {
      throw FakeFailure(405, "MethodNotAllowed", "no POST of \(target.subresource ?? "an object")")
    }
    guard current.spec["nodeName"]?.string ?? "" == "", !current.isTerminating else {
      throw FakeFailure.conflict(.pods, current.name, "pod is already assigned to node or being deleted")
    }
    var pod = current
    pod[path: "spec", "nodeName"] = .string(node)
    pod[path: "status", "conditions"] = [
      ["type": "PodScheduled", "status": "True", "lastTransitionTime": .string(now().description)]
    ]
    _ = state.insert(pod, kind: .pods)
    return ["kind": "Status", "apiVersion": "v1", "status": "Success"]
  }

  func scale(of object: JSON) -> JSON {
    [
      "apiVersion": "autoscaling/v1", "kind": "Scale", "metadata": object.metadata,
      "spec": ["replicas": object.spec["replicas"] ?? 1], "status": ["replicas": object.status["replicas"] ?? 0],
    ]
  }

  func update(_ target: Target, _ current: JSON, with body: JSON, in state: inout State) throws -> JSON {
    let version = body.resourceVersion
    guard version.isEmpty || version == current.resourceVersion else {
      throw FakeFailure.conflict(
        target.kind, current.name,
        "the object has been modified; please apply your changes to the latest version "
          + "and try again")
    }
    guard body.uid.isEmpty || body.uid == current.uid else {
      throw FakeFailure.conflict(target.kind, current.name, "Precondition failed: UID in precondition")
    }
    var new: JSON
    switch target.subresource {
    case nil:
      new = body
      if target.kind.subresources.contains("status") { new["status"] = current["status"] }
      if target.kind == .namespaces { new["spec"] = current["spec"] }
      if new["spec"] != current["spec"] { new[path: "metadata", "generation"] = .int(current.generation + 1) }
    case "status":
      new = current
      new["status"] = body["status"]
    case "scale":
      new = current
      new[path: "spec", "replicas"] = body.spec["replicas"]
      if new != current { new[path: "metadata", "generation"] = .int(current.generation + 1) }
    case "finalize":
      new = current
      new["spec"] = body["spec"]
    default: throw FakeFailure(405, "MethodNotAllowed", "no update of \(target.subresource ?? "")")
    }
    for key in ["name", "namespace", "uid", "creationTimestamp", "resourceVersion", "deletionTimestamp"] {
      new[path: "metadata", key] = current["metadata"]?[key]
    }
    if target.subresource == nil, body["metadata"]?["generation"] == nil, new["spec"] == current["spec"] {
      new[path: "metadata", "generation"] = current["metadata"]?["generation"]
    }
    // Upstream does not write what is the same.
    if new == current { return current }
    if new.isFinished(target.kind) {
      _ = state.insert(new, kind: target.kind)
      _ = state.remove(target.kind, new.objectName)
      return new
    }
    let stored = state.insert(new, kind: target.kind)
    return target.subresource == "scale" ? scale(of: stored) : stored
  }

  func delete(_ target: Target, _ current: JSON, options: JSON, in state: inout State) throws -> JSON {
    let kind = target.kind
    for key in ["uid", "resourceVersion"] {
      guard let wanted = options["preconditions"]?[key]?.string, wanted != current["metadata"]?[key]?.string else {
        continue
      }
      throw FakeFailure.conflict(kind, current.name, "Precondition failed: \(key) in precondition: \(wanted)")
    }
    var object = current
    var finalizers = object.finalizers
    if !object.isTerminating {
      switch options["propagationPolicy"]?.string {
      case "Foreground": finalizers.append("foregroundDeletion")
      case "Orphan": finalizers.append("orphan")
      default: break
      }
    }
    let finished = ["Succeeded", "Failed"].contains(current.status["phase"]?.string ?? "")
    let isBound = kind == .pods && !(current.spec["nodeName"]?.string ?? "").isEmpty && !finished
    let grace =
      !isBound
      ? 0
      : options["gracePeriodSeconds"]?.int ?? current.spec["terminationGracePeriodSeconds"]?.int ?? 30
    guard grace > 0 || !finalizers.isEmpty || kind == .namespaces else {
      _ = state.remove(kind, object.objectName)
      return ["kind": "Status", "apiVersion": "v1", "status": "Success"]
    }
    if !finalizers.isEmpty { object[path: "metadata", "finalizers"] = .array(finalizers.map { .string($0) }) }
    if !object.isTerminating {
      object[path: "metadata", "deletionTimestamp"] = .string((now() + .seconds(grace)).description)
      object[path: "metadata", "deletionGracePeriodSeconds"] = .int(grace)
    }
    if kind == .namespaces { object[path: "status", "phase"] = "Terminating" }
    return object == current ? current : state.insert(object, kind: kind)
  }
}

extension JSON {
  /// Whether nothing holds a terminating object any longer.
  fileprivate func isFinished(_ kind: ResourceKind) -> Bool {
    guard isTerminating, finalizers.isEmpty else { return false }
    if kind == .namespaces { return spec["finalizers"]?.items.isEmpty ?? true }
    return kind != .pods || self["metadata"]?["deletionGracePeriodSeconds"]?.int ?? 0 == 0
  }
}
