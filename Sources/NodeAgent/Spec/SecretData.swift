import JSONTree

/// The decoded content of Secrets and ConfigMaps.
enum SecretData {
  static func value(_ secret: JSON, _ key: String) -> [UInt8]? {
    secret["data"]?[key]?.string.flatMap { Base64.decode($0) }
  }

  /// In the order of the keys.
  static func all(_ secret: JSON) -> [(key: String, value: [UInt8])] {
    let members = secret["data"]?.object?.members ?? []
    return members.compactMap { member in
      member.value.string.flatMap { Base64.decode($0) }.map { (member.key, $0) }
    }.sorted { $0.0 < $1.0 }
  }

  /// A ConfigMap's `data` and `binaryData`.
  static func all(configMap: JSON) -> [(key: String, value: [UInt8])] {
    let text = (configMap["data"]?.object?.members ?? []).map { ($0.key, Array(($0.value.string ?? "").utf8)) }
    let binary = (configMap["binaryData"]?.object?.members ?? []).compactMap { member in
      member.value.string.flatMap { Base64.decode($0) }.map { (member.key, $0) }
    }
    return (text + binary).sorted { $0.0 < $1.0 }
  }
}
