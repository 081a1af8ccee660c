import JSONTree
import KubernetesAPI

/// What upstream's `ValidatePodLogOptions` says of a request for a log, before any agent is asked.
enum LogRequestRules {
  static let streams = ["All", "Stderr", "Stdout"]

  static func check(_ request: ResourceRequest) throws(APIStatus) {
    let query = request.query
    var faults: [FieldError] = []
    let tail = try query.integer("tailLines")
    if let tail, tail < 0 {
      faults.append(.invalid(FieldPath("tailLines"), .int(tail), "must be greater than or equal to 0"))
    }
    if let limit = try query.integer("limitBytes"), limit < 1 {
      faults.append(.invalid(FieldPath("limitBytes"), .int(limit), "must be greater than 0"))
    }
    let seconds = try query.integer("sinceSeconds")
    let time = query.text("sinceTime")
    if seconds != nil, time != nil {
      faults.append(.forbidden(.root, "at most one of `sinceTime` or `sinceSeconds` may be specified"))
    } else if let seconds, seconds < 1 {
      faults.append(.invalid(FieldPath("sinceSeconds"), .int(seconds), "must be greater than 0"))
    }
    if let time, Timestamp(time) == nil {
      throw .badRequest(
        "parsing time \"\(time)\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"\(time)\" as \"2006\"")
    }
    if let stream = query.text("stream") {
      if !streams.contains(stream) {
        faults.append(.notSupported(FieldPath("stream"), .string(stream), streams))
      } else if stream != "All", tail != nil {
        faults.append(.forbidden(.root, "`tailLines` and specific `stream` are mutually exclusive for now"))
      }
    }
    guard faults.isEmpty else {
      throw .invalid("PodLogOptions", group: "", request.info.name, faults.map(APIStatus.Cause.init))
    }
  }
}
