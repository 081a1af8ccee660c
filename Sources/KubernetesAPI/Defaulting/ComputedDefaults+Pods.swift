import JSONTree

extension ComputedDefaults {
  /// What only pods get, and templates of pods do not.
  static let pod: Rule = { pod in
    guard var spec = pod["spec"], spec.object != nil else { return }
    if spec["enableServiceLinks"] == nil { spec["enableServiceLinks"] = true }
    for key in ["containers", "initContainers"] {
      guard var containers = spec[key]?.array else { continue }
      for index in containers.indices { requestsFromLimits(&containers[index]) }
      spec[key] = .array(containers)
    }
    pod["spec"] = spec
  }

  /// A resource with a limit and no request requests its limit.
  private static func requestsFromLimits(_ container: inout JSON) {
    guard case .object(let limits) = container[path: "resources", "limits"] else { return }
    for limit in limits.members where container[path: "resources", "requests", limit.key] == nil {
      container[path: "resources", "requests", limit.key] = limit.value
    }
  }

  static let podSpec: Rule = { spec in
    if let name = spec["serviceAccountName"], name != "" {
      spec["serviceAccount"] = name
    } else if let name = spec["serviceAccount"], name != "" {
      spec["serviceAccountName"] = name
    }
    guard spec["hostNetwork"] == true else { return }
    for key in ["containers", "initContainers"] {
      guard var containers = spec[key]?.array else { continue }
      for index in containers.indices {
        guard var ports = containers[index]["ports"]?.array else { continue }
        for port in ports.indices where (ports[port]["hostPort"]?.int ?? 0) == 0 {
          ports[port]["hostPort"] = ports[port]["containerPort"]
        }
        containers[index]["ports"] = .array(ports)
      }
      spec[key] = .array(containers)
    }
  }

  static let imagePullPolicy: Rule = { container in
    guard (container["imagePullPolicy"] ?? "") == "" else { return }
    container["imagePullPolicy"] = pullPolicy(of: container["image"]?.string ?? "")
  }

  static let imageVolumePullPolicy: Rule = { volume in
    guard (volume["pullPolicy"] ?? "") == "" else { return }
    volume["pullPolicy"] = pullPolicy(of: volume["reference"]?.string ?? "")
  }

  /// An image whose tag is `latest`, written or implied, is pulled always; a digest or another tag once.
  private static func pullPolicy(of image: String) -> JSON {
    if image.contains("@") { return "IfNotPresent" }
    let name = image.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
    guard let colon = name.lastIndex(of: ":") else { return "Always" }
    return name[name.index(after: colon)...] == "latest" ? "Always" : "IfNotPresent"
  }

  /// A volume without a source is an empty directory.
  static let volume: Rule = { volume in
    if !volume.members.contains(where: { $0.key != "name" && !$0.value.isNull }) { volume["emptyDir"] = [:] }
  }
}
