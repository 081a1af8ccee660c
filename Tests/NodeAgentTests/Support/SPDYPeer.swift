import NIOCore
import SPDY

/// The client's side of a SPDY connection, frame by frame.
struct SPDYPeer: ~Copyable {
  private var connection: SPDYConnection
  private let send: (ByteBuffer) async throws -> Void
  private let receive: () async throws -> [UInt8]
  /// What came on each stream; `ended` and `reset` name those that are over.
  private(set) var text: [UInt32: String] = [:]
  private(set) var ended: Set<UInt32> = []
  private(set) var reset: Set<UInt32> = []
  private var replied: Set<UInt32> = []

  init(send: @escaping (ByteBuffer) async throws -> Void, receive: @escaping () async throws -> [UInt8]) throws {
    connection = try SPDYConnection(.client)
    self.send = send
    self.receive = receive
  }

  /// Opens a stream and waits until it is accepted or reset.
  mutating func open(_ headers: SPDYHeaders) async throws -> UInt32 {
    let (id, bytes) = try connection.open(headers)
    try await send(bytes)
    try await read { $0.replied.contains(id) || $0.reset.contains(id) }
    return id
  }

  mutating func write(_ text: String, on id: UInt32, isLast: Bool = false) async throws {
    try await send(try connection.data(ByteBuffer(string: text), on: id, isLast: isLast))
  }

  /// Reads until `isEnough`, or to the end of the connection, which throws.
  mutating func read(until isEnough: (borrowing SPDYPeer) -> Bool) async throws {
    while !isEnough(self) {
      let bytes = try await receive()
      for event in try connection.receive(ByteBuffer(bytes: bytes)) { take(event) }
    }
  }

  private mutating func take(_ event: SPDYConnection.Event) {
    switch event {
    case .replied(let id): replied.insert(id)
    case .received(let id, let bytes): text[id, default: ""] += String(buffer: bytes)
    case .ended(let id): ended.insert(id)
    case .reset(let id, _): reset.insert(id)
    case .opened, .goingAway, .send: break
    }
  }
}
