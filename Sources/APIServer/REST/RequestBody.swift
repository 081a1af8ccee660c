import JSONTree
import KubernetesAPI
import NIOCore

/// A request's body as a tree.
struct RequestBody: Sendable {
  var tree: JSON
  /// Paths of repeated members of a JSON body.
  var duplicates: [String]
  /// A JSON body with its repeated members, where there are any: what field validation judges.
  private(set) var written: JSON?
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
    case "", "application/json": (tree, duplicates, written) = try Self.json(buffer)
    case "application/yaml", "text/yaml", "application/x-yaml":
      // JSON is YAML as well; its own parser is stricter and much faster.
      let first = buffer.readableBytesView.first { $0 > 0x20 }
      if first == UInt8(ascii: "{"), let parsed = try? Self.json(buffer) {
        (tree, duplicates, written) = parsed
      } else {
        let document = try YAMLTree(String(buffer: buffer))
        (tree, duplicates, repetitions) = (document.tree, [], document.repetitions)
      }
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

  private static func json(
    _ buffer: ByteBuffer
  ) throws(APIStatus) -> (tree: JSON, duplicates: [String], written: JSON?) {
    do {
      let (tree, duplicates) = try JSON.parseNotingDuplicates(buffer.readableBytesView)
      guard !duplicates.isEmpty else { return (tree, [], nil) }
      return (tree, duplicates, try JSON.parseKeepingRepeated(buffer.readableBytesView))
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
}
