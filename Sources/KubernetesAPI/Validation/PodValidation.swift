import JSONTree

/// Pods and pod templates.
enum PodValidation {
  static func judge(_ pod: JSON) -> [FieldError] { specFaults(pod.spec, FieldPath("spec")) }

  /// What only new pods must not have.
  static func judgeNew(_ pod: JSON) -> [FieldError] {
    var faults: [FieldError] = []
    if pod.spec["ephemeralContainers"]?.items.isEmpty == false {
      faults.append(.forbidden(FieldPath("spec", "ephemeralContainers"), "cannot be set on create"))
    }
    let gates = pod.spec["schedulingGates"]?.items ?? []
    if !gates.isEmpty, pod.spec["nodeName"]?.string?.isEmpty == false {
      faults.append(
        .forbidden(FieldPath("spec", "nodeName"), "cannot be set until all schedulingGates have been cleared"))
    }
    return faults
  }

  /// A template's labels, annotations and pod specification.
  static func templateFaults(_ template: JSON, _ path: FieldPath) -> [FieldError] {
    let metadata = path.child("metadata")
    return MetadataValidation.labelFaults(template.metadata["labels"], metadata.child("labels"))
      + MetadataValidation.annotationFaults(template.metadata["annotations"], metadata.child("annotations"))
      + specFaults(template.spec, path.child("spec"))
  }

  static func specFaults(_ spec: JSON, _ path: FieldPath) -> [FieldError] {
    var faults: [FieldError] = []
    let volumes = spec["volumes"]?.items ?? []
    faults += VolumeValidation.faults(volumes, path.child("volumes"))
    let scope = ContainerScope(
      volumes: Set(volumes.compactMap { $0["name"]?.string }),
      emptyVolumes: Set(volumes.filter { $0["emptyDir"] != nil }.compactMap { $0["name"]?.string }),
      isOnHostNetwork: spec["hostNetwork"] == true, system: spec[path: "os", "name"]?.string,
      restartPolicy: spec["restartPolicy"]?.string ?? "Always")
    faults += scope.faults(spec, path)
    faults += ValueRules.choice(spec, "restartPolicy", of: "PodSpec", path, isRequired: true)
    faults += dnsFaults(spec, path)
    faults += ValueRules.range(spec, "activeDeadlineSeconds", 1...Int64(Int32.max), path)
    faults += ValueRules.nonNegative(spec, "terminationGracePeriodSeconds", at: path)
    faults += ValueRules.text(spec, "serviceAccountName", path, NameRules.dnsSubdomain)
    faults += ValueRules.text(spec, "nodeName", path, NameRules.dnsSubdomain)
    faults += ValueRules.text(spec, "priorityClassName", path, NameRules.dnsSubdomain)
    faults += ValueRules.text(spec, "runtimeClassName", path, NameRules.dnsSubdomain)
    faults += ValueRules.text(spec, "hostname", path, NameRules.dnsLabel)
    faults += ValueRules.text(spec, "subdomain", path, NameRules.dnsLabel)
    faults += overrideFaults(spec, path)
    faults += ValueRules.choice(spec, "preemptionPolicy", of: "PodSpec", path)
    faults += MetadataValidation.labelFaults(spec["nodeSelector"], path.child("nodeSelector"))
    faults += SchedulingValidation.faults(spec, path)
    faults += securityFaults(spec, path)
    for (index, alias) in (spec["hostAliases"]?.items ?? []).enumerated() {
      let here = path.child("hostAliases")[index]
      faults += AddressRules.address(alias["ip"]?.string ?? "", here.child("ip"))
      for (position, name) in (alias["hostnames"]?.items ?? []).enumerated() {
        let text = name.string ?? ""
        faults += NameRules.dnsSubdomain(text).map { .invalid(here.child("hostnames")[position], .string(text), $0) }
      }
    }
    return faults
  }

  /// The longest name that Linux takes for a host.
  private static let hostNameLimit = 64

  private static func overrideFaults(_ spec: JSON, _ path: FieldPath) -> [FieldError] {
    guard let name = spec["hostnameOverride"]?.string else { return [] }
    let here = path.child("hostnameOverride")
    var faults = ValueRules.text(spec, "hostnameOverride", path, NameRules.dnsSubdomain)
    if name.utf8.count > hostNameLimit { faults.append(.tooLong(here, limit: hostNameLimit)) }
    if spec["setHostnameAsFQDN"] == true {
      faults.append(.forbidden(here, "may not be specified when `setHostnameAsFQDN` is true"))
    }
    if spec["hostNetwork"] == true {
      faults.append(.forbidden(here, "may not be specified when `hostNetwork` is true"))
    }
    return faults
  }

  private static func dnsFaults(_ spec: JSON, _ path: FieldPath) -> [FieldError] {
    var faults = ValueRules.choice(spec, "dnsPolicy", of: "PodSpec", path)
    let configuration = spec["dnsConfig"]
    let here = path.child("dnsConfig")
    let servers = configuration?["nameservers"]?.items ?? []
    if spec["dnsPolicy"] == "None" {
      if configuration == nil {
        faults.append(.required(here, "must provide `dnsConfig` when `dnsPolicy` is None"))
      } else if servers.isEmpty {
        faults.append(
          .required(
            here.child("nameservers"), "must provide at least one DNS nameserver when `dnsPolicy` is None"))
      }
    }
    if servers.count > 3 {
      faults.append(
        .invalid(here.child("nameservers"), .array(servers), "must not have more than 3 nameservers"))
    }
    for (index, server) in servers.enumerated() {
      faults += AddressRules.address(server.string ?? "", here.child("nameservers")[index])
    }
    let searches = configuration?["searches"]?.items ?? []
    if searches.count > 32 {
      faults.append(.invalid(here.child("searches"), .array(searches), "must not have more than 32 search paths"))
    }
    for (index, search) in searches.enumerated() {
      var text = search.string ?? ""
      if text.hasSuffix("."), text != "." { text.removeLast() }
      // Underscores are usual in search paths, a lone point is the root.
      let plain = text.split(separator: "_", omittingEmptySubsequences: false).joined(separator: "a")
      guard text != "." else { continue }
      faults += NameRules.dnsSubdomain(plain).map { .invalid(here.child("searches")[index], search, $0) }
    }
    for (index, option) in (configuration?["options"]?.items ?? []).enumerated() {
      if (option["name"]?.string ?? "").isEmpty {
        faults.append(.required(here.child("options")[index], "must not be empty"))
      }
    }
    return faults
  }

  private static func securityFaults(_ spec: JSON, _ path: FieldPath) -> [FieldError] {
    var faults: [FieldError] = []
    if spec["shareProcessNamespace"] == true, spec["hostPID"] == true {
      faults.append(
        .invalid(
          path.child("shareProcessNamespace"), true, "ShareProcessNamespace and HostPID cannot both be enabled"))
    }
    guard let context = spec["securityContext"] else { return faults }
    let here = path.child("securityContext")
    for name in ["runAsUser", "runAsGroup", "fsGroup"] {
      faults += ValueRules.range(context, name, 0...Int64(Int32.max), here)
    }
    faults += ValueRules.choice(context, "fsGroupChangePolicy", of: "PodSecurityContext", here)
    faults += ValueRules.choice(context, "supplementalGroupsPolicy", of: "PodSecurityContext", here)
    for (index, sysctl) in (context["sysctls"]?.items ?? []).enumerated() {
      faults += ValueRules.required(sysctl, "name", here.child("sysctls")[index])
    }
    return faults
  }
}
