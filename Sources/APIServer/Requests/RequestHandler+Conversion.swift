import HTTPTypes
import JSONTree
import KubernetesAPI
import NIOCore

/// Requests for kinds that are stored in another version than they are served in: what is sent is converted to the stored
/// version, what is answered from it.
extension RequestHandler {
  func converted(
    _ served: ResourceRequest, by conversion: KindConversion
  ) async throws(APIStatus) -> APIServerResponse {
    let stored = try storedRequest(served, conversion)
    let response: APIServerResponse
    if served.info.verb == "patch", !ApplyBody.isApply(served) {
      response = try await patch(served, as: stored, conversion)
    } else {
      response = try await perform(stored)
    }
    return try answer(response, to: served, conversion)
  }

  private func storedRequest(
    _ served: ResourceRequest, _ conversion: KindConversion
  ) throws(APIStatus) -> ResourceRequest {
    var request = served.request
    var info = served.info
    info.groupVersion = conversion.stored.groupVersion
    if served.format.shape == .object { request.headers[.accept] = "application/json" }
    if ApplyBody.isApply(served), let body = try ApplyBody(served) {
      request.body = ByteBuffer(bytes: conversion.toStored(body.configuration).encoded())
    } else if ["create", "update"].contains(info.verb), let body = try served.bodyTree() {
      let (object, warnings) = try rest.decoded(body, as: conversion.served, for: served)
      for warning in warnings { served.notes.warn(warning) }
      if info.verb == "create" { try judgeNew(object, conversion.served) }
      request.body = ByteBuffer(bytes: conversion.toStored(object).encoded())
      request.headers[.contentType] = "application/json"
    }
    let selector = served.query.text("fieldSelector").map(conversion.storedSelector)
    return try ResourceRequest(
      request, info: info, query: served.query.replacing("fieldSelector", with: selector), kind: conversion.stored,
      user: served.user, notes: served.notes)
  }

  /// Versions are judged by their own rules, which may be stricter.
  private func judgeNew(_ object: JSON, _ kind: ResourceKind) throws(APIStatus) {
    let faults = ObjectValidation.faultsBeyondMetadata(creating: object, kind: kind)
    if !faults.isEmpty { throw .invalid(kind, object.name, faults.map(APIStatus.Cause.init)) }
  }

  private func patch(
    _ served: ResourceRequest, as stored: ResourceRequest, _ conversion: KindConversion
  ) async throws(APIStatus) -> APIServerResponse {
    let patch = try PatchBody(served)
    let manager = try served.fieldManager()
    let result = PatchWarnings()
    let written = try await rest.change(stored, writtenBy: manager) { [rest] (old) throws(APIStatus) in
      let (object, warnings) = try rest.patched(
        conversion.toServed(old), by: patch, as: conversion.served, for: served)
      result.set(warnings)
      return conversion.toStored(object)
    }
    return try rest.answer(written, to: stored, warnings: result.warnings)
  }

  private func answer(
    _ response: APIServerResponse, to served: ResourceRequest, _ conversion: KindConversion
  ) throws(APIStatus) -> APIServerResponse {
    var converted = response
    switch response.body {
    case .stream(let stream):
      let isProtobuf = served.format.encoding == .protobuf && served.format.shape == .object
      if isProtobuf { converted.headers[.contentType] = ProtobufEnvelope.watchMediaType }
      converted.body = .stream(ConvertedStream(stream, conversion, isProtobuf: isProtobuf))
    case .buffer(let buffer):
      guard response.headers[.contentType] == "application/json" else { return response }
      let tree: JSON
      do {
        tree = try JSON.parse(buffer.readableBytesView)
      } catch {
        throw .internalError("an answer does not parse: \(error)")
      }
      var bytes = conversion.answer(tree).encoded(indented: served.format.isIndented)
      bytes.append(0x0a)
      converted.body = .buffer(ByteBuffer(bytes: bytes))
    }
    return converted
  }
}
