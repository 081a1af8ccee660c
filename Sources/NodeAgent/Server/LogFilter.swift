import KubernetesAPI

/// Turns bytes of a log file into the text a client asked for. Bytes may come in any pieces.
struct LogFilter: Sendable {
  private let options: LogOptions
  private var rest: [UInt8] = []
  private var written = 0
  /// Whether the next record begins a line, so that its time stamp belongs in front.
  private var isLineStart = true

  init(_ options: LogOptions) { self.options = options }

  /// Whether `limitBytes` is used up.
  var isFull: Bool { options.limitBytes.map { written >= $0 } ?? false }

  mutating func take(_ bytes: [UInt8]) -> [UInt8] {
    rest += bytes
    var output: [UInt8] = []
    var start = 0
    while let end = rest[start...].firstIndex(of: UInt8(ascii: "\n")) {
      append(rest[start..<end], to: &output)
      start = end + 1
    }
    rest.removeFirst(start)
    if let limit = options.limitBytes, written + output.count > limit {
      output.removeLast(written + output.count - limit)
    }
    written += output.count
    return output
  }

  private func isWanted(_ line: LogLine) -> Bool {
    if let stream = options.stream, (stream == "Stderr") != line.isErrorOutput { return false }
    if let since = options.since, let time = Timestamp(line.timestamp), time < since { return false }
    return true
  }

  private mutating func append(_ record: ArraySlice<UInt8>, to output: inout [UInt8]) {
    guard let line = LogLine(record), isWanted(line) else { return }
    if options.timestamps, isLineStart {
      output += line.timestamp.utf8
      output.append(UInt8(ascii: " "))
    }
    output += line.content
    isLineStart = !line.isPartial
    if isLineStart { output.append(UInt8(ascii: "\n")) }
  }
}
