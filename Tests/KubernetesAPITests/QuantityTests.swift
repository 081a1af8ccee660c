import JSONTree
import KubernetesAPI
import Testing

@Suite struct QuantityTests {
  @Test(arguments: [
    ("0", "0"), ("100m", "100m"), ("1000m", "1"), ("0.5", "500m"), (".5", "500m"), ("5.", "5"), ("+3", "3"),
    ("-1.5", "-1500m"), ("1024", "1024"), ("1000", "1k"), ("1500", "1500"), ("12000", "12k"), ("1Ki", "1Ki"),
    ("1024Ki", "1Mi"), ("1536Mi", "1536Mi"), ("0.5Gi", "512Mi"), ("1.5Gi", "1536Mi"), ("100Ki", "100Ki"),
    ("0.1Ki", "102400m"), ("1e3", "1e3"), ("1E3", "1e3"), ("123e-3", "123e-3"), ("1e1", "10"), ("1E", "1E"),
    ("5Ei", "5Ei"), ("1n", "1n"), ("0.1n", "1n"), ("1u", "1u"), ("100k", "100k"), ("0.0000000001", "1n"),
    ("9223372036854775807", "9223372036854775807"), ("1e30", "9223372036854775807e0"), ("100Ei", "9223372036854775807"),
    ("1.1Ki", "1126400m"), ("0001", "1"), ("1e-30", "1e-9"), ("123456789012345678901234567890", "9223372036854775807"),
    ("1.00000000000000000000000000000000001", "1000000001n"), ("0Ki", "0"), ("-1Ki", "-1Ki"), ("1M", "1M"),
  ]) func canonicalText(_ text: String, _ canonical: String) throws {
    let expected = canonical.hasSuffix("e0") ? String(canonical.dropLast(2)) : canonical
    #expect(try Quantity(text).description == expected)
  }

  @Test(arguments: [
    ("", "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"),
    ("x", "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"),
    ("1 Gi", "unable to parse quantity's suffix"), ("1x", "unable to parse quantity's suffix"),
    ("1ki", "unable to parse quantity's suffix"), ("1.2.3", "unable to parse quantity's suffix"),
    ("1e", "unable to parse quantity's suffix"), ("-", "unable to parse numeric part of quantity"),
  ]) func refusals(_ text: String, _ message: String) {
    #expect(throws: KubernetesAPIError(.invalidValue, message)) { try Quantity(text) }
  }

  @Test(arguments: [("1500m", 2, 1500), ("-1500m", -2, -1500), ("1Mi", 1_048_576, 1_048_576_000), ("1n", 1, 1)])
  func valuesRoundAwayFromZero(_ text: String, _ value: Int64, _ milli: Int64) throws {
    #expect(try Quantity(text).value == value)
    #expect(try Quantity(text).milliValue == milli)
  }

  @Test func arithmeticKeepsTheFormat() throws {
    #expect(try (Quantity("1Gi") + Quantity("1G")).description == "2073741824")
    #expect(try (Quantity("1Gi") - Quantity("512Mi")).description == "512Mi")
    #expect(try (Quantity.zero + Quantity("1Gi")).description == "1Gi")
    #expect(try (Quantity("100m") + Quantity("0.9")).description == "1")
    #expect(try Quantity("1") == Quantity("1000m") && Quantity("1").hashValue == Quantity("1000m").hashValue)
    #expect(try Quantity("1Ki") > Quantity("1k") && Quantity("-1") < Quantity("0"))
    #expect(try (-Quantity("5Mi")).description == "-5Mi")
  }

  @Test func numbersOfManifestsAreRead() throws {
    #expect(try Quantity(json: 2).description == "2")
    #expect(try Quantity(json: 0.5).description == "500m")
    #expect(try Quantity(json: "3Gi").value == 3 << 30)
    #expect(throws: KubernetesAPIError.self) { try Quantity(json: true) }
  }

  @Test func everyTextReadsBackEqual() throws {
    for _ in 0..<3000 {
      let format = [Quantity.Format.decimalSI, .binarySI, .decimalExponent].randomElement()!
      let quantity = Quantity(
        nanos: Int128(Int64.random(in: .min ... .max)) * Int128(Int.random(in: 1...1_000_000)), format: format)
      #expect(try Quantity(quantity.description) == quantity)
    }
  }
}
