import Compression
import Testing

struct CompressionTests {
  static let text = Array(String(repeating: "kube-apiserver serves ", count: 20_000).utf8)

  private func code(_ body: () throws -> Void) -> CompressionError.Code? {
    do {
      try body()
      return nil
    } catch { return (error as? CompressionError)?.code }
  }

  @Test(arguments: [CompressionFormat.zlib, .gzip])
  func restoresWhatItCompressed(format: CompressionFormat) throws {
    let small = try format.compressed(Self.text, level: 1)
    #expect(small.count < Self.text.count / 20)
    #expect(Array(small.prefix(2)) == (format == .gzip ? [0x1f, 0x8b] : [0x78, 0x01]))
    var inflater = try Inflater(Inflater.Configuration(format))
    var bytes: [UInt8] = []
    // In pieces that end anywhere.
    for start in stride(from: 0, to: small.count, by: 37) {
      let hasEnded = inflater.isFinished
      #expect(!hasEnded)
      bytes += try inflater.decompress(Array(small[start..<min(start + 37, small.count)]), limit: Self.text.count)
    }
    let hasEnded = inflater.isFinished
    #expect(bytes == Self.text && hasEnded)
  }

  @Test func keepsWhatDoesNotCompress() throws {
    var random = SystemRandomNumberGenerator()
    let bytes = (0..<100_000).map { _ in UInt8.random(in: 0...255, using: &random) }
    var inflater = try Inflater(Inflater.Configuration(.gzip))
    let restored = try inflater.decompress(CompressionFormat.gzip.compressed(bytes), limit: bytes.count)
    #expect(restored == bytes)
    var empty = try Inflater(Inflater.Configuration(.zlib))
    let nothing = try empty.decompress(CompressionFormat.zlib.compressed([]), limit: 0)
    #expect(nothing.isEmpty)
    let hasEnded = empty.isFinished
    #expect(hasEnded)
  }

  @Test func aSyncFlushLetsTheReaderGoOn() throws {
    let dictionary = Array("content-length content-type application/json".utf8)
    var deflater = try Deflater(Deflater.Configuration(.zlib, windowBits: 11, dictionary: dictionary))
    var inflater = try Inflater(Inflater.Configuration(.zlib, dictionary: dictionary))
    var sizes: [Int] = []
    for number in 0..<5 {
      let part = Array("content-type application/json \(number)".utf8)
      let small = try deflater.compress(part, flush: .sync)
      sizes.append(small.count)
      let restored = try inflater.decompress(small, limit: 100)
      #expect(restored == part)
    }
    #expect(sizes[0] < 30 && sizes[1] < 20, "the dictionary and what went before serve: \(sizes)")
    let end = try deflater.compress([], flush: .finish)
    let rest = try inflater.decompress(end, limit: 0)
    let haveEnded = deflater.isFinished && inflater.isFinished
    #expect(rest.isEmpty && haveEnded)
  }

  @Test func withoutAFlushTheDataMayWait() throws {
    var deflater = try Deflater(Deflater.Configuration(.zlib))
    let begun = try deflater.compress(Array("wait".utf8))
    let rest = try deflater.compress([], flush: .sync)
    var inflater = try Inflater(Inflater.Configuration(.zlib))
    let early = try inflater.decompress(begun, limit: 100)
    let late = try inflater.decompress(rest, limit: 100)
    #expect(early.isEmpty && late == Array("wait".utf8))
  }

  @Test func boundsWhatABombBecomes() throws {
    let bomb = try CompressionFormat.gzip.compressed([UInt8](repeating: 0, count: 8 << 20))
    #expect(bomb.count < 16_384)
    #expect(
      code {
        var inflater = try Inflater(Inflater.Configuration(.gzip))
        _ = try inflater.decompress(bomb, limit: 1 << 20)
      } == .outputTooLarge)
    #expect(
      code {
        var inflater = try Inflater(Inflater.Configuration(.gzip))
        _ = try inflater.decompress(bomb, limit: (8 << 20) - 1)
      } == .outputTooLarge)
    var inflater = try Inflater(Inflater.Configuration(.gzip))
    let restored = try inflater.decompress(bomb, limit: 8 << 20)
    #expect(restored.count == 8 << 20)
  }

  @Test func refusesWhatIsBroken() throws {
    var small = try CompressionFormat.gzip.compressed(Self.text)
    small[small.count - 6] ^= 1
    let broken = small
    #expect(
      code {
        var inflater = try Inflater(Inflater.Configuration(.gzip))
        _ = try inflater.decompress(broken, limit: Self.text.count)
      } == .corrupted)
    #expect(
      code {
        var inflater = try Inflater(Inflater.Configuration(.zlib))
        _ = try inflater.decompress(Array("not compressed".utf8), limit: 100)
      } == .corrupted)
  }

  @Test func refusesTheWrongDictionary() throws {
    var deflater = try Deflater(Deflater.Configuration(.zlib, dictionary: Array("one".utf8)))
    let bytes = try deflater.compress(Array("one two".utf8), flush: .finish)
    for dictionary in [[], Array("two".utf8)] {
      #expect(
        code {
          var inflater = try Inflater(Inflater.Configuration(.zlib, dictionary: dictionary))
          _ = try inflater.decompress(bytes, limit: 100)
        } == .wrongDictionary)
    }
  }

  @Test func endsOnce() throws {
    let bytes = try CompressionFormat.zlib.compressed(Self.text)
    #expect(
      code {
        var inflater = try Inflater(Inflater.Configuration(.zlib))
        _ = try inflater.decompress(bytes + [1], limit: Self.text.count)
      } == .finished)
    #expect(
      code {
        var deflater = try Deflater(Deflater.Configuration(.zlib))
        _ = try deflater.compress([1], flush: .finish)
        _ = try deflater.compress([1])
      } == .finished)
  }

  @Test func refusesSettingsOutOfRange() {
    #expect(code { _ = try Deflater(Deflater.Configuration(.zlib, level: 10)) } == .invalidConfiguration)
    #expect(code { _ = try Deflater(Deflater.Configuration(.zlib, windowBits: 8)) } == .invalidConfiguration)
    #expect(code { _ = try Inflater(Inflater.Configuration(.zlib, windowBits: 16)) } == .invalidConfiguration)
    #expect(
      code { _ = try Deflater(Deflater.Configuration(.gzip, dictionary: [1])) } == .invalidConfiguration)
  }
}
