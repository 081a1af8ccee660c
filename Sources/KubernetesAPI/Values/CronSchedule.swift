/// When something happens, in the five fields of cron or one of its short names.
package struct CronSchedule: Hashable, Sendable {
  /// Which values fit, a bit for each.
  package let minutes: UInt64
  package let hours: UInt64
  package let days: UInt64
  package let months: UInt64
  package let weekdays: UInt64
  /// `@every DURATION`, in seconds; `nil` for a schedule by the clock.
  package let interval: Int64?

  /// Why a text is no schedule.
  package struct Fault: Error, Sendable {
    package let message: String
  }

  private static let names = [
    "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *", "@monthly": "0 0 1 * *", "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@hourly": "0 * * * *",
  ]
  private static let monthNames = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
  ]
  private static let dayNames = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]

  package init(_ text: String) throws(Fault) {
    if text.hasPrefix("@every ") {
      guard let seconds = Self.seconds(text.dropFirst(7)), seconds > 0 else {
        throw Fault(message: "failed to parse duration \(text)")
      }
      (minutes, hours, days, months, weekdays, interval) = (0, 0, 0, 0, 0, seconds)
      return
    }
    if text.hasPrefix("@"), Self.names[text] == nil { throw Fault(message: "unrecognized descriptor: \(text)") }
    let fields = (Self.names[text] ?? text).split(whereSeparator: { $0 == " " || $0 == "\t" })
    guard fields.count == 5 else {
      throw Fault(message: "expected exactly 5 fields, found \(fields.count): [\(fields.joined(separator: " "))]")
    }
    minutes = try Self.bits(fields[0], 0...59)
    hours = try Self.bits(fields[1], 0...23)
    days = try Self.bits(fields[2], 1...31)
    months = try Self.bits(fields[3], 1...12, names: Self.monthNames)
    weekdays = try Self.bits(fields[4], 0...6, names: Self.dayNames)
    interval = nil
  }

  /// A list such as `1,5-9,*/15`.
  private static func bits(
    _ field: Substring, _ range: ClosedRange<Int>, names: [String] = []
  ) throws(Fault) -> UInt64 {
    var bits: UInt64 = 0
    for part in field.split(separator: ",", omittingEmptySubsequences: false) {
      let halves = part.split(separator: "/", omittingEmptySubsequences: false)
      guard (1...2).contains(halves.count) else { throw Fault(message: "too many slashes: \(part)") }
      let ends = halves[0].split(separator: "-", omittingEmptySubsequences: false)
      var low: Int
      var high: Int
      if ends == ["*"] || ends == ["?"] {
        (low, high) = (range.lowerBound, range.upperBound)
      } else {
        guard (1...2).contains(ends.count) else { throw Fault(message: "too many hyphens: \(part)") }
        low = try number(ends[0], range, names)
        high = ends.count == 2 ? try number(ends[1], range, names) : low
        if halves.count == 2, ends.count == 1 { high = range.upperBound }
      }
      var step = 1
      if halves.count == 2 {
        guard let value = Int(halves[1]), value > 0 else {
          throw Fault(message: "step of range should be a positive number: \(part)")
        }
        step = value
      }
      guard low >= range.lowerBound else {
        throw Fault(message: "beginning of range (\(low)) below minimum (\(range.lowerBound)): \(part)")
      }
      guard high <= range.upperBound else {
        throw Fault(message: "end of range (\(high)) above maximum (\(range.upperBound)): \(part)")
      }
      guard low <= high else {
        throw Fault(message: "beginning of range (\(low)) beyond end of range (\(high)): \(part)")
      }
      for value in stride(from: low, through: high, by: step) { bits |= 1 << UInt64(value) }
    }
    return bits
  }

  private static func number(
    _ text: Substring, _ range: ClosedRange<Int>, _ names: [String]
  ) throws(Fault) -> Int {
    if let value = Int(text), value >= 0, value <= 1_000 { return value }
    guard let index = names.firstIndex(of: text.lowercased()) else {
      throw Fault(message: "failed to parse int from \(text): strconv.Atoi: parsing \"\(text)\": invalid syntax")
    }
    return index + range.lowerBound
  }

  /// `1h30m` in seconds.
  private static func seconds(_ text: Substring) -> Int64? {
    var total: Int64 = 0
    var digits: Int64?
    for character in text {
      if let digit = character.wholeNumberValue, character.isASCII {
        guard (digits ?? 0) < 1_000_000_000 else { return nil }
        digits = (digits ?? 0) * 10 + Int64(digit)
        continue
      }
      guard let value = digits else { return nil }
      switch character {
      case "h": total += value * 3600
      case "m": total += value * 60
      case "s": total += value
      default: return nil
      }
      digits = nil
    }
    return digits == nil ? total : nil
  }
}
