import JSONTree
import KubernetesAPI
import NIOConcurrencyHelpers
import NIOCore

/// How one watch shows its events to a client that asked for another form than plain JSON: protobuf, a Table, metadata
/// alone.
final class WatchRendering: Sendable {
  private let request: ResourceRequest
  /// A Table's columns are told with the first event only.
  private let hasColumns = NIOLockedValueBox(false)

  /// `nil` for plain JSON.
  init?(_ request: ResourceRequest) {
    if request.format.shape == .object, request.format.encoding == .json { return nil }
    self.request = request
  }

  var apiVersion: String { request.kind.apiVersion }

  /// Events of whole objects are the same for all who want them so.
  var isShared: Bool { request.format.shape == .object }

  func event(_ type: String, _ encoded: [UInt8]) -> ByteBuffer {
    do {
      let tree = try JSON.parse(encoded)
      return frame(type, type == "ERROR" ? tree : shaped(tree))
    } catch {
      return self.error(.internalError("\(error)"))
    }
  }

  func error(_ status: APIStatus) -> ByteBuffer { frame("ERROR", status.json) }

  private func frame(_ type: String, _ tree: JSON) -> ByteBuffer {
    guard request.format.encoding == .protobuf, let frame = ProtobufAnswers.event(type, tree) else {
      return WatchFrame.event(type, tree.encoded())
    }
    return frame
  }

  private func shaped(_ tree: JSON) -> JSON {
    switch request.format.shape {
    case .object: return tree
    case .partialMetadata: return ObjectShaping.partialMetadata(tree)
    case .table(let version):
      let isFirst = hasColumns.withLockedValue { hasColumns in
        defer { hasColumns = true }
        return !hasColumns
      }
      return TableRendering.table(
        [tree], metadata: ["resourceVersion": .string(tree.resourceVersion)], of: request, version: version,
        withColumns: isFirst)
    }
  }
}
