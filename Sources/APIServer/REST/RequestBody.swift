import JSONTree
import KubernetesAPI
import NIOCore

/// A request's body as a tree.
struct RequestBody: Sendable {
  var tree: JSON
  /// Paths of repeated members of a JSON body, for field validation.
  var duplicates: [String]
  /// What is wrong with repeated members of a YAML body, line by line.
  private(set) var repetitions: [String] = []

  /// What Go's YAML library says of repeated members; `nil` where there are none.
  var repetitionFault: String? {
    repetitions.isEmpty ? nil : "yaml: unmarshal errors:\n" + repetitions.joined(separator: "\n")
  }

  private static let accepted =
    "application/json, application/yaml, \(ProtobufDecoder.mediaType)"

  init(tree: JSON, duplicates: [String]) {
    self.tree = tree
    self.duplicates = duplicates
  }

  init(_ buffer: ByteBuffer, contentType: String) throws(APIStatus) {
    switch MediaType.essence(contentType) {
    case "", "application/json": (tree, duplicates) = try Self.json(buffer)
    case "application/yaml", "text/yaml", "application/x-yaml":
      (tree, duplicates, repetitions) = try Self.yaml(buffer)
    case ProtobufDecoder.mediaType: (tree, duplicates) = (try Self.protobuf(buffer), [])
    default:
      throw .unsupportedMediaType(
        "the body of the request was in an unknown format - accepted media types include: \(Self.accepted)")
    }
    guard tree.object != nil else {
      throw .badRequest(
        "couldn't get version/kind; json parse error: json: cannot unmarshal \(tree.typeName) into an object")
    }
  }

  private static func json(_ buffer: ByteBuffer) throws(APIStatus) -> (JSON, [String]) {
    do {
      return try JSON.parseNotingDuplicates(buffer.readableBytesView)
    } catch {
      throw .badRequest("couldn't get version/kind; json parse error: \(error)")
    }
  }

  private static func protobuf(_ buffer: ByteBuffer) throws(APIStatus) -> JSON {
    do {
      return try ProtobufDecoder().object(Array(buffer.readableBytesView)[...])
    } catch {
      throw .badRequest("\(error)")
    }
  }

  private static func yaml(
    _ buffer: ByteBuffer
  ) throws(APIStatus) -> (JSON, duplicates: [String], repetitions: [String]) {
    let text = String(buffer: buffer)
    // JSON is YAML as well; its own parser is stricter and much faster.
    if text.utf8.first(where: { $0 > 0x20 }) == UInt8(ascii: "{"), let (tree, duplicates) = try? json(buffer) {
      return (tree, duplicates, [])
    }
    let document = try YAMLTree(text)
    return (document.tree, [], document.repetitions)
  }
}
