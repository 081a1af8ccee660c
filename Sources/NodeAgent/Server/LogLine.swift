/// One line of a container's log file, in CRI's format: `TIMESTAMP STREAM TAG CONTENT`.
///
/// Tag `P` means that the line goes on in the next record, `F` that it is complete.
struct LogLine: Sendable, Hashable {
  var timestamp: String
  var isErrorOutput: Bool
  var isPartial: Bool
  var content: ArraySlice<UInt8>

  /// `record` without its line end; `nil` for what is not of this format.
  init?(_ record: ArraySlice<UInt8>) {
    let space = UInt8(ascii: " ")
    guard let first = record.firstIndex(of: space) else { return nil }
    let afterTime = record[(first + 1)...]
    guard let second = afterTime.firstIndex(of: space) else { return nil }
    let afterStream = record[(second + 1)...]
    let third = afterStream.firstIndex(of: space) ?? record.endIndex
    timestamp = String(decoding: record[..<first], as: UTF8.self)
    switch String(decoding: afterTime[..<second], as: UTF8.self) {
    case "stdout": isErrorOutput = false
    case "stderr": isErrorOutput = true
    default: return nil
    }
    let tags = String(decoding: afterStream[..<third], as: UTF8.self).split(separator: ":")
    isPartial = tags.first == "P"
    content = third < record.endIndex ? record[(third + 1)...] : record[record.endIndex...]
  }
}
