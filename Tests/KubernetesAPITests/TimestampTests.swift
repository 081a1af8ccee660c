import KubernetesAPI
import Testing

@Suite struct TimestampTests {
  @Test(arguments: [
    ("1970-01-01T00:00:00Z", 0), ("2000-02-29T12:34:56Z", 951_827_696), ("2026-11-23T23:43:28Z", 1_795_477_408),
    ("1969-12-31T23:59:59Z", -1), ("2026-01-01T01:00:00+01:00", 1_767_225_600),
    ("2025-12-31T18:30:00-05:30", 1_767_225_600), ("0001-01-01T00:00:00Z", -62_135_596_800),
  ]) func parses(_ text: String, _ seconds: Int64) throws {
    let time = try #require(Timestamp(text))
    #expect(time.seconds == seconds)
    #expect(Timestamp(time.description) == time)
  }

  @Test(arguments: [
    "", "2026-01-01", "2026-13-01T00:00:00Z", "2026-02-29T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01T00:00:00",
    "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00Zx", "2026-01-01 00:00:00Z", "2026-01-01T00:00:00+1:00",
  ]) func refuses(_ text: String) { #expect(Timestamp(text) == nil) }

  @Test func fractions() throws {
    let time = try #require(Timestamp("2026-01-01T00:00:00.123456789Z"))
    #expect(time.nanoseconds == 123_456_789)
    #expect(time.description == "2026-01-01T00:00:00Z")
    #expect(time.microText == "2026-01-01T00:00:00.123456Z")
    #expect(time.nanoText == "2026-01-01T00:00:00.123456789Z")
    #expect(Timestamp("2026-01-01T00:00:00.5Z")?.nanoseconds == 500_000_000)
  }

  @Test func everyDayReadsBack() {
    for day in stride(from: Int64(-200_000), to: 200_000, by: 17) {
      let time = Timestamp(seconds: day * 86_400 + 3661)
      #expect(Timestamp(time.description) == time)
    }
  }

  @Test func arithmetic() {
    let time = Timestamp(seconds: 10, nanoseconds: 900_000_000)
    #expect(time + .milliseconds(200) == Timestamp(seconds: 11, nanoseconds: 100_000_000))
    #expect(time - .milliseconds(950) == Timestamp(seconds: 9, nanoseconds: 950_000_000))
    #expect(time - Timestamp(seconds: 9) == .milliseconds(1900))
    #expect(Timestamp.now > time)
  }

  @Test(arguments: [
    (-5, "<invalid>"), (-1, "0s"), (0, "0s"), (119, "119s"), (120, "2m"), (303, "5m3s"), (600, "10m"),
    (10_800, "3h"), (11_460, "3h11m"), (30_000, "8h"), (172_800, "2d"), (187_200, "2d4h"), (691_200, "8d"),
    (63_072_000, "2y"), (63_158_400, "2y1d"), (252_288_000, "8y"),
  ]) func ages(_ seconds: Int64, _ text: String) { #expect(Duration.seconds(seconds).ageText == text) }
}
