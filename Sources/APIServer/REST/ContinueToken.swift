import JSONTree
import KubernetesAPI

/// The opaque text between two pages of a list: revision and where to go on, as upstream writes them.
struct ContinueToken {
  /// Of the list's pages; `nil` for the rest of a list whose revision is gone: it goes on with what there is now.
  let revision: Int64?
  /// The key of the last object that was shown.
  let lastKey: String

  private static let version = "meta.k8s.io/v1"

  init(revision: Int64?, lastKey: String) {
    self.revision = revision
    self.lastKey = lastKey
  }

  init(_ text: String) throws(APIStatus) {
    guard let bytes = Base64.decode(text, alphabet: .url) else { throw Self.invalid("illegal base64 data") }
    let tree: JSON
    do {
      tree = try JSON.parse(bytes)
    } catch {
      throw Self.invalid("\(error)")
    }
    guard tree["v"]?.string == Self.version else {
      throw Self.invalid("server does not recognize this encoded version \((tree["v"]?.string ?? "").goQuoted)")
    }
    guard let revision = tree["rv"]?.int, revision != 0 else {
      throw Self.invalid("incorrect encoded start resourceVersion (version \(Self.version))")
    }
    guard let start = tree["start"]?.string, !start.isEmpty else {
      throw Self.invalid("encoded start key empty (version \(Self.version))")
    }
    // What begins right after a key begins with that key and a zero.
    self.init(
      revision: revision > 0 ? revision : nil, lastKey: start.hasSuffix("\0") ? String(start.dropLast()) : start)
  }

  private static func invalid(_ why: String) -> APIStatus {
    .badRequest("invalid continue token: continue key is not valid: \(why)")
  }

  var text: String {
    let tree: JSON = [
      "v": .string(Self.version), "rv": .int(revision ?? -1), "start": .string(lastKey + "\0"),
    ]
    return Base64.encode(tree.encoded(), alphabet: .url)
  }
}
