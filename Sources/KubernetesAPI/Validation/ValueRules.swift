import JSONTree

/// Rules for single values, shared by the kinds' validations.
enum ValueRules {
  private static let core = "io.k8s.api.core.v1"

  /// The value must be one of those the schema allows; where `isRequired`, there must be one.
  static func choice(
    _ object: JSON, _ name: String, of message: String, _ path: FieldPath, isRequired: Bool = false
  ) -> [FieldError] {
    guard let value = object[name], value != "" else { return isRequired ? [.required(path.child(name))] : [] }
    let allowed = SchemaRegistry.shared.message("\(core).\(message)")?[name]?.allowedValues ?? []
    guard let text = value.string, !allowed.contains(text) else { return [] }
    return [.notSupported(path.child(name), value, allowed)]
  }

  /// A text that must be there.
  static func required(_ object: JSON, _ name: String, _ path: FieldPath, _ detail: String = "") -> [FieldError] {
    (object[name]?.string ?? "").isEmpty ? [.required(path.child(name), detail)] : []
  }

  /// A text that, where it stands, obeys a rule.
  static func text(
    _ object: JSON, _ name: String, _ path: FieldPath, isRequired: Bool = false, _ rule: (String) -> [String]
  ) -> [FieldError] {
    guard let text = object[name]?.string, !text.isEmpty else { return isRequired ? [.required(path.child(name))] : [] }
    return rule(text).map { .invalid(path.child(name), .string(text), $0) }
  }

  static func nonNegative(_ object: JSON, _ names: String..., at path: FieldPath) -> [FieldError] {
    names.compactMap { name in
      guard let value = object[name]?.int, value < 0 else { return nil }
      return .invalid(path.child(name), .int(value), "must be greater than or equal to 0")
    }
  }

  static func range(_ object: JSON, _ name: String, _ range: ClosedRange<Int64>, _ path: FieldPath) -> [FieldError] {
    guard let value = object[name]?.int, !range.contains(value) else { return [] }
    return [
      .invalid(
        path.child(name), .int(value), "must be between \(range.lowerBound) and \(range.upperBound), inclusive")
    ]
  }

  static func portNumber(_ value: Int64, _ path: FieldPath) -> [FieldError] {
    (1...65535).contains(value) ? [] : [.invalid(path, .int(value), "must be between 1 and 65535, inclusive")]
  }

  /// A port by number or by name.
  static func port(_ value: JSON?, _ path: FieldPath) -> [FieldError] {
    switch IntOrString(json: value) {
    case .int(let number): portNumber(Int64(number), path)
    case .string(let name): NameRules.portName(name).map { .invalid(path, .string(name), $0) }
    case nil: portNumber(0, path)
    }
  }

  /// Keys of config maps and secrets.
  static func configurationKey(_ key: String) -> [String] {
    var faults: [String] = []
    if key.utf8.count > NameRules.subdomainLimit { faults.append("must be no more than 253 bytes") }
    if key.isEmpty || !key.utf8.allSatisfy({ $0.isAlphanumeric || "-._".utf8.contains($0) }) {
      faults.append(
        "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',"
          + "  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')")
    }
    if key == "." { faults.append("must not be '.'") }
    if key == ".." {
      faults.append("must not be '..'")
    } else if key.hasPrefix("..") {
      faults.append("must not start with '..'")
    }
    return faults
  }

  /// Names of environment variables: printable ASCII without `=`.
  static func environmentName(_ name: String) -> [String] {
    let isGood = name.utf8.allSatisfy { (0x20...0x7e).contains($0) && $0 != UInt8(ascii: "=") }
    return isGood
      ? [] : ["a valid environment variable name must consist only of printable ASCII characters other than '='"]
  }

  /// A path below a volume's root.
  static func relativePath(_ text: String, _ path: FieldPath) -> [FieldError] {
    var faults: [FieldError] = []
    if text.hasPrefix("/") { faults.append(.invalid(path, .string(text), "must be a relative path")) }
    if text.split(separator: "/").contains("..") {
      faults.append(.invalid(path, .string(text), "must not contain '..'"))
    }
    return faults
  }

  /// Permission bits.
  static func mode(_ object: JSON, _ name: String, _ path: FieldPath) -> [FieldError] {
    guard let value = object[name]?.int, !(0...0o777).contains(value) else { return [] }
    return [
      .invalid(path.child(name), .int(value), "must be a number between 0 and 0777 (octal), both inclusive")
    ]
  }
}
