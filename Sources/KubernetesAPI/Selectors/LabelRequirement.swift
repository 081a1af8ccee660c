/// One condition of a label selector.
package struct LabelRequirement: Hashable, Sendable, CustomStringConvertible {
  package enum Operator: String, Hashable, Sendable {
    case isIn = "in"
    case isNotIn = "notin"
    case equals = "="
    case doubleEquals = "=="
    case notEquals = "!="
    case greaterThan = "gt"
    case lessThan = "lt"
    case exists = "exists"
    case doesNotExist = "!"
  }

  package let key: String
  package let `operator`: Operator
  /// Sorted and without repetitions.
  package let values: [String]

  /// Checks the key, the number of values and each value.
  package init(key: String, _ operator: Operator, _ values: [String] = []) throws(KubernetesAPIError) {
    self.init(trusted: key, `operator`, values)
    var faults: [String] = []
    let keyFaults = NameRules.qualifiedName(key)
    if !keyFaults.isEmpty { faults.append(Self.invalid("key", key.goQuoted, keyFaults.joined(separator: "; "))) }
    if let fault = countFault { faults.append(Self.invalid("values", goValues, fault)) }
    if `operator` == .greaterThan || `operator` == .lessThan {
      for (index, value) in self.values.enumerated() where Int64(value) == nil {
        faults.append(
          Self.invalid(
            "values[\(index)]", value.goQuoted, "for 'Gt', 'Lt' operators, the value must be an integer"))
      }
    }
    for (index, value) in self.values.enumerated() {
      let valueFaults = NameRules.labelValue(value)
      guard !valueFaults.isEmpty else { continue }
      faults.append(Self.invalid("values[\(index)][\(key)]", value.goQuoted, valueFaults.joined(separator: "; ")))
    }
    guard faults.isEmpty else {
      throw KubernetesAPIError(
        .invalidSelector, faults.count == 1 ? faults[0] : "[\(faults.joined(separator: ", "))]")
    }
  }

  /// Without checks, for labels that are stored already.
  init(trusted key: String, _ operator: Operator, _ values: [String]) {
    self.key = key
    self.operator = `operator`
    self.values = values.count < 2 ? values : Set(values).sorted()
  }

  /// Whether the condition holds for labels looked up by `value`.
  package func matches(_ value: (String) -> String?) -> Bool {
    let found = value(key)
    switch `operator` {
    case .exists: return found != nil
    case .doesNotExist: return found == nil
    case .isIn, .equals, .doubleEquals: return found.map(values.contains) ?? false
    case .isNotIn, .notEquals: return found.map { !values.contains($0) } ?? true
    case .greaterThan, .lessThan:
      guard let left = found.flatMap({ Int64($0) }), let right = values.first.flatMap({ Int64($0) }) else {
        return false
      }
      return `operator` == .greaterThan ? left > right : left < right
    }
  }

  /// The selector syntax upstream prints.
  package var description: String {
    let list = values.joined(separator: ",")
    switch `operator` {
    case .exists: return key
    case .doesNotExist: return "!\(key)"
    case .isIn: return "\(key) in (\(list))"
    case .isNotIn: return "\(key) notin (\(list))"
    case .greaterThan: return "\(key)>\(list)"
    case .lessThan: return "\(key)<\(list)"
    case .equals, .doubleEquals, .notEquals: return "\(key)\(`operator`.rawValue)\(list)"
    }
  }

  private var goValues: String { "[" + values.map(\.goQuoted).joined(separator: ",") + "]" }

  private var countFault: String? {
    switch `operator` {
    case .isIn, .isNotIn: values.isEmpty ? "for 'in', 'notin' operators, values set can't be empty" : nil
    case .equals, .doubleEquals, .notEquals:
      values.count != 1 ? "exact-match compatibility requires one single value" : nil
    case .exists, .doesNotExist:
      values.isEmpty ? nil : "values set must be empty for exists and does not exist"
    case .greaterThan, .lessThan:
      values.count != 1 ? "for 'Gt', 'Lt' operators, exactly one value is required" : nil
    }
  }

  static func invalid(_ path: String, _ value: String, _ reason: String) -> String {
    "\(path): Invalid value: \(value): \(reason)"
  }
}
