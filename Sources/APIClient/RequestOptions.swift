package import JSONTree

/// What a list or a watch selects.
package struct ListOptions: Sendable, Hashable {
  /// As in the query: `app=web,tier!=cache`.
  package var labelSelector: String?
  /// As in the query: `spec.nodeName=node-1`.
  package var fieldSelector: String?
  /// Objects per answer; the rest follows with ``continueToken``.
  package var limit: Int?
  package var continueToken: String?
  /// `0` lists from the server's cache; a watch starts after it.
  package var resourceVersion: String?
  package var resourceVersionMatch: String?

  package init(
    labelSelector: String? = nil, fieldSelector: String? = nil, limit: Int? = nil, continueToken: String? = nil,
    resourceVersion: String? = nil, resourceVersionMatch: String? = nil
  ) {
    self.labelSelector = labelSelector
    self.fieldSelector = fieldSelector
    self.limit = limit
    self.continueToken = continueToken
    self.resourceVersion = resourceVersion
    self.resourceVersionMatch = resourceVersionMatch
  }

  var query: [NamedValue] {
    var query: [NamedValue] = []
    if let labelSelector { query.append(NamedValue("labelSelector", labelSelector)) }
    if let fieldSelector { query.append(NamedValue("fieldSelector", fieldSelector)) }
    if let limit { query.append(NamedValue("limit", String(limit))) }
    if let continueToken { query.append(NamedValue("continue", continueToken)) }
    if let resourceVersion { query.append(NamedValue("resourceVersion", resourceVersion)) }
    if let resourceVersionMatch { query.append(NamedValue("resourceVersionMatch", resourceVersionMatch)) }
    return query
  }
}

/// The answer to a list.
package struct ObjectList: Sendable {
  /// With `apiVersion` and `kind` filled in, which lists leave out of their items.
  package var items: [JSON]
  package var resourceVersion: String
  /// Where the next page starts; `nil` after the last.
  package var continueToken: String?
}

/// What becomes of the objects that a deleted object owns.
package enum PropagationPolicy: String, Sendable, Hashable {
  case background = "Background"
  case foreground = "Foreground"
  case orphan = "Orphan"
}

/// How to delete (`meta/v1` `DeleteOptions`).
package struct DeleteOptions: Sendable, Hashable {
  package var gracePeriodSeconds: Int?
  package var propagationPolicy: PropagationPolicy?
  /// Delete only the object with this UID; else 409.
  package var uid: String?
  /// Delete only this version of the object; else 409.
  package var resourceVersion: String?

  package init(
    gracePeriodSeconds: Int? = nil, propagationPolicy: PropagationPolicy? = nil, uid: String? = nil,
    resourceVersion: String? = nil
  ) {
    self.gracePeriodSeconds = gracePeriodSeconds
    self.propagationPolicy = propagationPolicy
    self.uid = uid
    self.resourceVersion = resourceVersion
  }

  var body: JSON {
    var body: JSON = ["kind": "DeleteOptions", "apiVersion": "v1"]
    if let gracePeriodSeconds { body["gracePeriodSeconds"] = .int(Int64(gracePeriodSeconds)) }
    if let propagationPolicy { body["propagationPolicy"] = .string(propagationPolicy.rawValue) }
    if let uid { body[path: "preconditions", "uid"] = .string(uid) }
    if let resourceVersion { body[path: "preconditions", "resourceVersion"] = .string(resourceVersion) }
    return body
  }
}

/// The formats of a patch.
package enum PatchType: String, Sendable, Hashable {
  /// RFC 6902.
  case json = "application/json-patch+json"
  /// RFC 7386.
  case merge = "application/merge-patch+json"
  /// Kubernetes' own, which merges lists by key.
  case strategic = "application/strategic-merge-patch+json"
}
