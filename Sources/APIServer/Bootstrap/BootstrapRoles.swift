import JSONTree
import KubernetesAPI

/// The roles and bindings every cluster begins with: upstream's names, so that what others write for them fits.
enum BootstrapRoles {
  /// One role to a paragraph: its name, with the role it is gathered into or the gatherer's mark; then its rules, one to
  /// a line: verbs, API groups (`core` is the empty one), resources, names; or verbs and paths.
  private static let roles = """
    cluster-admin
    * | * | *
    * | *

    system:discovery
    get | /healthz,/livez,/readyz,/version,/version/,/openapi,/openapi/*,/api,/api/*,/apis,/apis/*

    system:public-info-viewer
    get | /healthz,/livez,/readyz,/version,/version/

    system:monitoring
    get | /metrics,/metrics/slis,/livez,/readyz,/healthz,/livez/*,/readyz/*,/healthz/*

    system:basic-user
    create | authorization.k8s.io | selfsubjectaccessreviews,selfsubjectrulesreviews
    create | authentication.k8s.io | selfsubjectreviews

    admin gathers rbac.authorization.k8s.io/aggregate-to-admin

    edit gathers rbac.authorization.k8s.io/aggregate-to-edit into rbac.authorization.k8s.io/aggregate-to-admin

    view gathers rbac.authorization.k8s.io/aggregate-to-view into rbac.authorization.k8s.io/aggregate-to-edit

    system:aggregate-to-admin into rbac.authorization.k8s.io/aggregate-to-admin
    create | authorization.k8s.io | localsubjectaccessreviews
    READ,WRITE | rbac.authorization.k8s.io | roles,rolebindings

    system:aggregate-to-edit into rbac.authorization.k8s.io/aggregate-to-edit
    get,list,watch | core | pods/attach,pods/proxy,pods/exec,pods/portforward,secrets,services/proxy
    impersonate | core | serviceaccounts
    WRITE | core | pods,pods/attach,pods/proxy,pods/exec,pods/portforward
    create | core | pods/eviction
    WRITE | core | replicationcontrollers,replicationcontrollers/scale,serviceaccounts,services,services/proxy,persistentvolumeclaims,configmaps,secrets,events,endpoints
    create | core | serviceaccounts/token
    WRITE | apps | statefulsets,statefulsets/scale,daemonsets,deployments,deployments/scale,deployments/rollback,replicasets,replicasets/scale
    WRITE | autoscaling | horizontalpodautoscalers
    WRITE | batch | jobs,cronjobs
    WRITE | policy | poddisruptionbudgets
    WRITE | networking.k8s.io | networkpolicies,ingresses
    WRITE,get,list,watch | coordination.k8s.io | leases
    WRITE | discovery.k8s.io | endpointslices

    system:aggregate-to-view into rbac.authorization.k8s.io/aggregate-to-view
    READ | core | pods,pods/status,replicationcontrollers,replicationcontrollers/scale,replicationcontrollers/status,serviceaccounts,services,services/status,endpoints,persistentvolumeclaims,persistentvolumeclaims/status,configmaps,limitranges,resourcequotas,bindings,events,resourcequotas/status,namespaces/status,pods/log,namespaces
    READ | discovery.k8s.io | endpointslices
    READ | apps | controllerrevisions,statefulsets,statefulsets/status,statefulsets/scale,daemonsets,daemonsets/status,deployments,deployments/status,deployments/scale,replicasets,replicasets/status,replicasets/scale
    READ | autoscaling | horizontalpodautoscalers,horizontalpodautoscalers/status
    READ | batch | jobs,cronjobs,cronjobs/status,jobs/status
    READ | policy | poddisruptionbudgets,poddisruptionbudgets/status
    READ | networking.k8s.io | networkpolicies,ingresses,ingresses/status

    system:node
    create | authentication.k8s.io | tokenreviews
    create | authorization.k8s.io | localsubjectaccessreviews,subjectaccessreviews
    READ | core | services,nodes,pods,namespaces
    create,update,patch,delete | core | nodes,pods
    update,patch | core | nodes/status,pods/status
    create | core | pods/eviction,serviceaccounts/token
    create,update,patch | core | events
    get,create,update,patch,delete | coordination.k8s.io | leases
    get | core | secrets,configmaps,persistentvolumeclaims,persistentvolumes

    system:node-problem-detector
    get | core | nodes
    patch | core | nodes/status
    create,patch,update | core,events.k8s.io | events

    system:node-proxier
    list,watch | core | services,endpoints
    get,list,watch | core | nodes
    list,watch | discovery.k8s.io | endpointslices
    list,watch | networking.k8s.io | servicecidrs
    create,patch,update | core,events.k8s.io | events

    system:kubelet-api-admin
    get,list,watch | core | nodes
    proxy | core | nodes
    * | core | nodes/proxy,nodes/metrics,nodes/stats,nodes/log,nodes/configz,nodes/healthz,nodes/pods

    system:auth-delegator
    create | authentication.k8s.io | tokenreviews
    create | authorization.k8s.io | subjectaccessreviews

    system:kube-aggregator
    READ | core | services,endpoints

    system:kube-controller-manager
    * | * | *

    system:kube-scheduler
    create,patch,update | core,events.k8s.io | events
    READ | core | namespaces,nodes,pods,replicationcontrollers,services,persistentvolumeclaims,persistentvolumes
    create | core | bindings,pods/binding
    delete | core | pods
    patch,update | core | pods/status
    READ | apps | replicasets,statefulsets
    READ | policy | poddisruptionbudgets
    READ | storage.k8s.io | csinodes,csidrivers,csistoragecapacities,storageclasses
    create | authentication.k8s.io | tokenreviews
    create | authorization.k8s.io | subjectaccessreviews
    create,get,list,update,watch,patch | coordination.k8s.io | leases

    system:volume-scheduler
    get,list,patch,update,watch | core | persistentvolumes
    get,list,patch,update,watch | core | persistentvolumeclaims
    READ | storage.k8s.io | storageclasses

    system:kube-dns
    list,watch | core | endpoints,services

    system:persistent-volume-provisioner
    create,delete,get,list,watch | core | persistentvolumes
    get,list,update,watch | core | persistentvolumeclaims
    READ | storage.k8s.io | storageclasses
    watch | core | events
    create,patch,update | core,events.k8s.io | events

    system:service-account-issuer-discovery
    get | /.well-known/openid-configuration,/.well-known/openid-configuration/,/openid/v1/jwks,/openid/v1/jwks/

    system:switchboard-network
    READ | core | pods,namespaces,nodes,services
    READ | discovery.k8s.io | endpointslices
    READ | networking.k8s.io | servicecidrs,networkpolicies
    READ | coordination.k8s.io | leases

    \(NodeJoin.role)
    post | \(NodeJoin.path)
    """

  /// A role, and who has it.
  private static let bindings: [(role: String, subjects: [(kind: String, name: String)])] = [
    ("cluster-admin", [("Group", "system:masters")]),
    ("system:monitoring", [("Group", "system:monitoring")]),
    ("system:discovery", [("Group", "system:authenticated")]),
    ("system:basic-user", [("Group", "system:authenticated")]),
    ("system:public-info-viewer", [("Group", "system:authenticated"), ("Group", "system:unauthenticated")]),
    ("system:node-proxier", [("User", "system:kube-proxy")]),
    ("system:kube-controller-manager", [("User", "system:kube-controller-manager")]),
    ("system:kube-scheduler", [("User", "system:kube-scheduler")]),
    ("system:volume-scheduler", [("User", "system:kube-scheduler")]),
    ("system:service-account-issuer-discovery", [("Group", "system:serviceaccounts")]),
    ("system:switchboard-network", [("User", "system:switchboard-network")]),
    (NodeJoin.role, [("Group", BootstrapTokens.group)]),
    ("system:node", []),
  ]

  private static let words: [String: [String]] = [
    "READ": ["get", "list", "watch"],
    "WRITE": ["create", "delete", "deletecollection", "patch", "update"],
  ]

  /// In an order in which each can be created.
  static var objects: [(kind: ResourceKind, object: JSON)] {
    roles.split(separator: "\n\n").map { (.clusterRoles, role(String($0))) }
      + bindings.map { (.clusterRoleBindings, binding($0.role, $0.subjects)) }
  }

  private static func metadata(_ name: String) -> JSON {
    [
      "name": .string(name), "labels": ["kubernetes.io/bootstrapping": "rbac-defaults"],
      "annotations": ["rbac.authorization.kubernetes.io/autoupdate": "true"],
    ]
  }

  private static func role(_ paragraph: String) -> JSON {
    let lines = paragraph.split(separator: "\n").map(String.init)
    let head = lines[0].split(separator: " ").map(String.init)
    var role: JSON = ["apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole"]
    var metadata = metadata(head[0])
    if let place = head.firstIndex(of: "into") { metadata[path: "labels", head[place + 1]] = "true" }
    role["metadata"] = metadata
    if let place = head.firstIndex(of: "gathers") {
      role["aggregationRule"] = ["clusterRoleSelectors": [["matchLabels": [head[place + 1]: "true"]]]]
    } else {
      role["rules"] = .array(lines.dropFirst().map { rule($0).json })
    }
    return role
  }

  private static func rule(_ line: String) -> AccessRule {
    let parts = line.split(separator: "|").map { part in
      part.split(separator: ",").flatMap { item -> [String] in
        let word = item.filter { $0 != " " }
        return words[word] ?? [word]
      }
    }
    let verbs = parts[0]
    guard parts.count > 2 else { return AccessRule(verbs: verbs, nonResourceURLs: parts[1]) }
    return AccessRule(verbs: verbs, apiGroups: parts[1].map { $0 == "core" ? "" : $0 }, resources: parts[2])
  }

  private static func binding(_ role: String, _ subjects: [(kind: String, name: String)]) -> JSON {
    var binding: JSON = [
      "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": metadata(role),
      "roleRef": ["apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": .string(role)],
    ]
    if !subjects.isEmpty {
      binding["subjects"] = .array(
        subjects.map {
          ["kind": .string($0.kind), "apiGroup": "rbac.authorization.k8s.io", "name": .string($0.name)]
        })
    }
    return binding
  }

  /// What an existing object needs to hold what it should; `nil` where it does, or where its owner wants no updates.
  static func mended(_ existing: JSON, to wanted: JSON) -> JSON? {
    guard existing.annotations["rbac.authorization.kubernetes.io/autoupdate"] != "false" else { return nil }
    var result = existing
    for name in ["rules", "subjects"] {
      let held = existing[name]?.items ?? []
      let missing = (wanted[name]?.items ?? []).filter { !held.contains($0) }
      if !missing.isEmpty { result[name] = .array(held + missing) }
    }
    for member in wanted.labels where existing.labels[member.key] != member.value {
      result[path: "metadata", "labels", member.key] = .string(member.value)
    }
    return result == existing ? nil : result
  }
}
