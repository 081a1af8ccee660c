import JSONTree

/// The rules for `metadata`, which are the same for every kind but for the form of names.
enum MetadataValidation {
  /// All keys and values of annotations together, in bytes.
  private static let annotationLimit = 256 << 10
  private static let path = FieldPath("metadata")

  /// The rule for names of a kind.
  static func nameRule(_ kind: ResourceKind) -> (String) -> [String] {
    switch kind {
    case .services: NameRules.dns1035Label
    case .namespaces: NameRules.dnsLabel
    case .roles, .roleBindings, .clusterRoles, .clusterRoleBindings: AccessValidation.pathSegmentFaults
    // The addresses' own rule says more.
    case .ipAddresses: { _ in [] }
    default: NameRules.dnsSubdomain
    }
  }

  static func faults(of object: JSON, kind: ResourceKind) -> [FieldError] {
    let metadata = object.metadata
    var faults = nameFaults(object, kind: kind)
    if kind.isNamespaced {
      if object.namespace.isEmpty {
        faults.append(.required(path.child("namespace")))
      } else {
        faults += NameRules.dnsLabel(object.namespace).map {
          .invalid(path.child("namespace"), .string(object.namespace), $0)
        }
      }
    } else if !object.namespace.isEmpty {
      faults.append(.forbidden(path.child("namespace"), "not allowed on this type"))
    }
    faults += labelFaults(metadata["labels"], path.child("labels"))
    faults += annotationFaults(metadata["annotations"], path.child("annotations"))
    faults += ownerFaults(object.ownerReferences, path.child("ownerReferences"))
    for (index, finalizer) in object.finalizers.enumerated() {
      faults += finalizerFaults(finalizer, path.child("finalizers")[index])
    }
    return faults
  }

  private static func nameFaults(_ object: JSON, kind: ResourceKind) -> [FieldError] {
    var faults: [FieldError] = []
    let rule = nameRule(kind)
    if let prefix = object.metadata["generateName"]?.string, !prefix.isEmpty {
      // What is generated goes on behind the prefix, so it may end in a hyphen or a point.
      let probe = prefix.hasSuffix("-") || prefix.hasSuffix(".") ? prefix.dropLast() + "a" : prefix[...]
      faults += rule(String(probe)).map { .invalid(path.child("generateName"), .string(prefix), $0) }
    }
    if object.name.isEmpty {
      faults.append(.required(path.child("name"), "name or generateName is required"))
    } else {
      faults += rule(object.name).map { .invalid(path.child("name"), .string(object.name), $0) }
    }
    return faults
  }

  /// What may not change once an object is stored.
  static func faults(updating old: JSON, to new: JSON) -> [FieldError] {
    var faults: [FieldError] = []
    for field in ["name", "namespace", "uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds"]
    where old.metadata[field] != new.metadata[field] {
      faults.append(.invalid(path.child(field), new.metadata[field] ?? .null, "field is immutable"))
    }
    if new.generation < old.generation {
      faults.append(.invalid(path.child("generation"), .int(new.generation), "must not be decremented"))
    }
    if old.isTerminating {
      let added = new.finalizers.filter { !old.finalizers.contains($0) }
      if !added.isEmpty {
        let list = added.map(\.goQuoted).joined(separator: ", ")
        faults.append(
          .forbidden(
            path.child("finalizers"),
            "no new finalizers can be added if the object is being deleted, found new finalizers []string{\(list)}"))
      }
    }
    return faults
  }

  /// Also for the labels of pod templates and selectors.
  static func labelFaults(_ labels: JSON?, _ path: FieldPath) -> [FieldError] {
    var faults: [FieldError] = []
    for member in labels?.object?.members ?? [] {
      faults += NameRules.qualifiedName(member.key).map { .invalid(path, .string(member.key), $0) }
      guard let value = member.value.string else { continue }
      faults += NameRules.labelValue(value).map { .invalid(path, .string(value), $0) }
    }
    return faults
  }

  static func annotationFaults(_ annotations: JSON?, _ path: FieldPath) -> [FieldError] {
    var faults: [FieldError] = []
    var size = 0
    for member in annotations?.object?.members ?? [] {
      faults += NameRules.qualifiedName(member.key.lowercased()).map { .invalid(path, .string(member.key), $0) }
      size += member.key.utf8.count + (member.value.string?.utf8.count ?? 0)
    }
    if size > annotationLimit { faults.append(.tooLong(path, limit: annotationLimit)) }
    return faults
  }

  private static func ownerFaults(_ owners: [JSON], _ path: FieldPath) -> [FieldError] {
    var faults: [FieldError] = []
    var controller: String?
    for (index, owner) in owners.enumerated() {
      let here = path[index]
      let version = owner["apiVersion"]?.string ?? ""
      if GroupVersion(apiVersion: version) == nil {
        faults.append(.invalid(here.child("apiVersion"), .string(version), "version must not be empty"))
      }
      for field in ["kind", "name", "uid"] where (owner[field]?.string ?? "").isEmpty {
        faults.append(.invalid(here.child(field), "", "must not be empty"))
      }
      guard owner["controller"] == true else { continue }
      let name = "\(owner["kind"]?.string ?? "")/\(owner["name"]?.string ?? "")"
      if let controller {
        faults.append(
          .invalid(
            path, .array(owners),
            "Only one reference can have Controller set to true. Found \"true\" in references for \(controller) "
              + "and \(name)"))
      }
      controller = name
    }
    return faults
  }

  private static func finalizerFaults(_ finalizer: String, _ path: FieldPath) -> [FieldError] {
    let rules = NameRules.qualifiedName(finalizer)
    guard rules.isEmpty else { return rules.map { .invalid(path, .string(finalizer), $0) } }
    let standard = ["kubernetes", "orphan", "foregroundDeletion"]
    guard finalizer.contains("/") || standard.contains(finalizer) else {
      return [
        .invalid(path, .string(finalizer), "name is neither a standard finalizer name nor is it fully qualified")
      ]
    }
    return []
  }
}
