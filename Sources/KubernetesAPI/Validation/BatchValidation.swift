import JSONTree

/// Jobs and cron jobs.
enum BatchValidation {
  private static let path = FieldPath("spec")
  /// A cron job's name and the eleven characters its jobs add must fit a label.
  private static let cronJobNameLimit = 52

  static func judgeJob(_ object: JSON) -> [FieldError] {
    var faults = jobFaults(object.spec, path)
    if let selector = object.spec["selector"] {
      faults += SelectorValidation.faults(selector, path.child("selector"))
      let labels = object.spec[path: "template", "metadata", "labels"] ?? [:]
      if let parsed = try? LabelSelector(object: selector), !parsed.matches(object.spec["template"]?.labels ?? [:]) {
        faults.append(
          .invalid(
            path.child("template").child("metadata").child("labels"), labels,
            "`selector` does not match template `labels`"))
      }
    } else {
      faults.append(.required(path.child("selector")))
    }
    return faults
  }

  static func compareJobs(_ old: JSON, _ new: JSON) -> [FieldError] {
    var faults: [FieldError] = []
    for name in [
      "completions", "selector", "completionMode", "podFailurePolicy", "successPolicy", "backoffLimitPerIndex",
      "managedBy",
    ] where old.spec[name] != new.spec[name] {
      // The completions of an indexed job may follow its parallelism.
      let isElastic =
        name == "completions" && new.spec["completionMode"] == "Indexed"
        && new.spec["completions"] == new.spec["parallelism"]
      if !isElastic {
        faults.append(.invalid(path.child(name), new.spec[name] ?? .null, "field is immutable"))
      }
    }
    // A suspended job that has not begun may still change where its pods go.
    let mayMove = old.spec["suspend"] == true && old.status["startTime"] == nil
    if fixed(old.spec["template"], mayMove) != fixed(new.spec["template"], mayMove) {
      faults.append(.invalid(path.child("template"), new.spec["template"] ?? .null, "field is immutable"))
    }
    return faults
  }

  private static func fixed(_ template: JSON?, _ mayMove: Bool) -> JSON? {
    guard mayMove, var template else { return template }
    for name in ["nodeSelector", "affinity", "tolerations", "schedulingGates"] { template[path: "spec", name] = nil }
    for name in ["labels", "annotations"] { template[path: "metadata", name] = nil }
    return template
  }

  static func judgeCronJob(_ object: JSON) -> [FieldError] {
    let spec = object.spec
    var faults: [FieldError] = []
    if object.name.utf8.count > cronJobNameLimit {
      faults.append(
        .invalid(
          FieldPath("metadata", "name"), .string(object.name), "must be no more than \(cronJobNameLimit) characters"))
    }
    let schedule = spec["schedule"]?.string ?? ""
    if schedule.isEmpty {
      faults.append(.required(path.child("schedule")))
    } else {
      do {
        _ = try CronSchedule(schedule)
      } catch {
        faults.append(.invalid(path.child("schedule"), .string(schedule), error.message))
      }
      if schedule.contains("TZ") {
        faults.append(
          .invalid(
            path.child("schedule"), .string(schedule),
            "cannot use TZ or CRON_TZ in schedule, use timeZone field instead"))
      }
    }
    faults += ValueRules.nonNegative(
      spec, "startingDeadlineSeconds", "successfulJobsHistoryLimit", "failedJobsHistoryLimit", at: path)
    switch spec["concurrencyPolicy"]?.string ?? "" {
    case "Allow", "Forbid", "Replace": break
    case "": faults.append(.required(path.child("concurrencyPolicy")))
    case let policy:
      faults.append(
        .notSupported(path.child("concurrencyPolicy"), .string(policy), ["Allow", "Forbid", "Replace"]))
    }
    if let zone = spec["timeZone"]?.string, zone.isEmpty {
      faults.append(.invalid(path.child("timeZone"), "", "timeZone must be nil or non-empty string"))
    }
    return faults + jobFaults(spec["jobTemplate"]?.spec ?? [:], path.child("jobTemplate").child("spec"))
  }

  private static func jobFaults(_ spec: JSON, _ path: FieldPath) -> [FieldError] {
    var faults = ValueRules.nonNegative(
      spec, "parallelism", "completions", "activeDeadlineSeconds", "backoffLimit", "ttlSecondsAfterFinished",
      "backoffLimitPerIndex", "maxFailedIndexes", at: path)
    if let mode = spec["completionMode"]?.string, mode != "NonIndexed", mode != "Indexed" {
      faults.append(.notSupported(path.child("completionMode"), .string(mode), ["Indexed", "NonIndexed"]))
    }
    if spec["completionMode"] == "Indexed", spec["completions"] == nil {
      faults.append(
        .required(path.child("completions"), "when completion mode is Indexed"))
    }
    if spec["backoffLimitPerIndex"] != nil, spec["completionMode"] != "Indexed" {
      faults.append(
        .invalid(
          path.child("backoffLimitPerIndex"), spec["backoffLimitPerIndex"] ?? .null,
          "requires indexed completion mode"))
    }
    let template = spec["template"] ?? [:]
    let place = path.child("template")
    faults += PodValidation.templateFaults(template, place)
    let policy = template.spec["restartPolicy"]?.string ?? ""
    if policy == "Always" || policy.isEmpty {
      faults.append(
        .required(
          place.child("spec").child("restartPolicy"), "valid values: \"OnFailure\", \"Never\""))
    } else if policy != "OnFailure", policy != "Never" {
      faults.append(
        .notSupported(place.child("spec").child("restartPolicy"), .string(policy), ["Never", "OnFailure"]))
    }
    return faults
  }
}
