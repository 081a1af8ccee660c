import JSONTree
import KubernetesAPI
import Store

/// Turns an object's tree into the text that is stored, leaving a place where the store writes the revision.
enum ObjectCodec {
  /// Members come in upstream's order: kind, apiVersion, metadata, then the rest as it stands.
  static func content(_ object: JSON) -> StoreContent {
    var writer = JSONWriter(reservingCapacity: 2048)
    writer.writeRaw("{\"kind\":".utf8)
    writer.write(object.kind)
    writer.writeRaw(",\"apiVersion\":".utf8)
    writer.write(object.apiVersion)
    writer.writeRaw(",\"metadata\":{".utf8)
    for member in object.metadata.object?.members ?? [] where member.key != "resourceVersion" {
      writer.write(member.key)
      writer.writeRaw(":".utf8)
      writer.write(member.value)
      writer.writeRaw(",".utf8)
    }
    writer.writeRaw("\"resourceVersion\":\"".utf8)
    var rest = JSONWriter(reservingCapacity: 2048)
    rest.writeRaw("\"}".utf8)
    for member in object.object?.members ?? [] where !["kind", "apiVersion", "metadata"].contains(member.key) {
      rest.writeRaw(",".utf8)
      rest.write(member.key)
      rest.writeRaw(":".utf8)
      rest.write(member.value)
    }
    rest.writeRaw("}".utf8)
    return StoreContent(head: writer.bytes, tail: rest.bytes)
  }
}
