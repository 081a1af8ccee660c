import CZlib

/// zlib's state. It lies in memory of its own because zlib remembers where it is.
///
/// Sendable: it has one owner, which cannot be copied, and whoever calls holds that owner exclusively.
struct ZlibStream: ~Copyable, @unchecked Sendable {
  enum Direction { case deflating, inflating }

  private let pointer: UnsafeMutablePointer<z_stream>
  private let direction: Direction

  /// - Parameter start: zlib's initializer, which returns one of its codes.
  init(_ direction: Direction, start: (UnsafeMutablePointer<z_stream>) -> Int32) throws(CompressionError) {
    let pointer = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    pointer.initialize(to: z_stream())
    let code = start(pointer)
    guard code == Z_OK else {
      pointer.deallocate()
      throw Self.error(code, "cannot begin a compressed stream")
    }
    self.pointer = pointer
    self.direction = direction
  }

  deinit {
    switch direction {
    case .deflating: deflateEnd(pointer)
    case .inflating: inflateEnd(pointer)
    }
    pointer.deallocate()
  }

  /// What zlib says of its last failure, if it does.
  var explanation: String { pointer.pointee.msg.map { String(cString: $0) } ?? "" }

  func setDictionary(_ dictionary: [UInt8]) -> Int32 {
    dictionary.withUnsafeBufferPointer { bytes in
      switch direction {
      case .deflating: deflateSetDictionary(pointer, bytes.baseAddress, UInt32(bytes.count))
      case .inflating: inflateSetDictionary(pointer, bytes.baseAddress, UInt32(bytes.count))
      }
    }
  }

  /// One call into zlib, for a part of the output.
  /// - Parameters:
  ///   - offset: Where in `input` begins what zlib has not taken yet.
  ///   - room: The most bytes the part may have.
  /// - Returns: zlib's code, how much input it took, and the output it made.
  func part(
    of input: [UInt8], from offset: Int, room: Int, flush: Int32
  ) -> (code: Int32, taken: Int, output: [UInt8]) {
    var last: (code: Int32, taken: Int, made: Int) = (Z_OK, 0, 0)
    let output = [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
      last = input.withUnsafeBufferPointer { bytes in
        step(
          from: UnsafeBufferPointer(rebasing: bytes[offset...]),
          into: UnsafeMutableBufferPointer(rebasing: buffer[..<room]), flush: flush)
      }
      count = last.made
    }
    return (last.code, last.taken, output)
  }

  private func step(
    from input: UnsafeBufferPointer<UInt8>, into output: UnsafeMutableBufferPointer<UInt8>, flush: Int32
  ) -> (code: Int32, taken: Int, made: Int) {
    // zlib counts in 32 bits, and takes its input as mutable without changing it.
    let room = UInt32(clamping: output.count)
    let given = UInt32(clamping: input.count)
    pointer.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
    pointer.pointee.avail_in = given
    pointer.pointee.next_out = output.baseAddress
    pointer.pointee.avail_out = room
    let code: Int32
    switch direction {
    case .deflating: code = deflate(pointer, flush)
    case .inflating: code = inflate(pointer, flush)
    }
    let result = (code, Int(given - pointer.pointee.avail_in), Int(room - pointer.pointee.avail_out))
    pointer.pointee.next_in = nil
    pointer.pointee.next_out = nil
    return result
  }

  static func error(_ code: Int32, _ subject: String) -> CompressionError {
    switch code {
    case Z_MEM_ERROR: CompressionError(.outOfMemory, "\(subject): there is no memory for it")
    case Z_STREAM_ERROR:
      CompressionError(.invalidConfiguration, "\(subject): a level or a window that zlib does not know")
    case Z_DATA_ERROR: CompressionError(.corrupted, "\(subject): the data is corrupted")
    default: CompressionError(.unknown(code), "\(subject): zlib says \(code)")
    }
  }
}
