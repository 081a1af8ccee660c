/// `$(NAME)` in commands, arguments and values of environment variables.
///
/// `$$` is a dollar sign; a reference to a variable that does not exist stays as it is. Source: Kubernetes' API
/// documentation of `Container.command` and `EnvVar.value`.
enum VariableExpansion {
  static func expand(_ text: String, with variables: [String: String]) -> String { expand(text) { variables[$0] } }

  /// - Parameter value: of a variable; `nil` leaves the reference as it is.
  static func expand(_ text: String, value: (String) -> String?) -> String {
    guard text.utf8.contains(UInt8(ascii: "$")) else { return text }
    let bytes = Array(text.utf8)
    var output: [UInt8] = []
    output.reserveCapacity(bytes.count)
    var index = 0
    while index < bytes.count {
      guard bytes[index] == UInt8(ascii: "$"), index + 1 < bytes.count else {
        output.append(bytes[index])
        index += 1
        continue
      }
      switch bytes[index + 1] {
      case UInt8(ascii: "$"):
        output.append(UInt8(ascii: "$"))
        index += 2
      case UInt8(ascii: "("):
        guard let end = bytes[(index + 2)...].firstIndex(of: UInt8(ascii: ")")) else {
          output += bytes[index...(index + 1)]
          index += 2
          continue
        }
        let name = String(decoding: bytes[(index + 2)..<end], as: UTF8.self)
        if let value = value(name) {
          output += value.utf8
        } else {
          output += bytes[index...end]
        }
        index = end + 1
      default:
        output += bytes[index...(index + 1)]
        index += 2
      }
    }
    return String(decoding: output, as: UTF8.self)
  }
}
