internal import Glibc
package import LinuxKernel
package import NetworkTypes

/// Opens many flows at once and says which of them got through, whether or not anybody listens: a refusal has been there
/// and back as much as an answer has.
package struct FlowVolley {
  package struct Flow: Hashable, Sendable {
    /// `nil`: the kernel's choice.
    package let source: IPAddress?
    package let target: SocketEndpoint
    package let transport: TransportProtocol

    package init(from source: IPAddress? = nil, to target: SocketEndpoint, _ transport: TransportProtocol) {
      self.source = source
      self.target = target
      self.transport = transport
    }
  }

  private struct Shot {
    let index: Int
    let descriptor: Int32
    let transport: TransportProtocol
  }

  private var shots: [Shot] = []
  private var count = 0
  private var arrived: Set<Int> = []

  package init() {}

  /// Sends from a namespace. Results come in the order of all flows that were sent.
  package mutating func send(_ flows: [Flow], from namespace: NetworkNamespace) throws {
    let first = count
    count += flows.count
    let sent = try namespace.run { try flows.enumerated().map { (first + $0.offset, try Self.open($0.element)) } }
    for (flow, (index, result)) in zip(flows, sent) {
      switch result {
      case .waiting(let descriptor): shots.append(Shot(index: index, descriptor: descriptor, transport: flow.transport))
      case .arrived: arrived.insert(index)
      case .lost: break
      }
    }
  }

  /// Waits until all have come back, at most so long, and closes them.
  package mutating func results(within patience: Duration) -> [Bool] {
    let deadline = ContinuousClock.now + patience
    while !shots.isEmpty {
      let left = (deadline - .now).components
      let milliseconds = left.seconds * 1000 + left.attoseconds / 1_000_000_000_000_000
      guard milliseconds > 0 else { break }
      var polls = shots.map {
        pollfd(fd: $0.descriptor, events: Int16($0.transport == .tcp ? POLLOUT : POLLIN), revents: 0)
      }
      guard poll(&polls, nfds_t(polls.count), Int32(milliseconds)) > 0 else { continue }
      for (shot, result) in zip(shots, polls) where result.revents != 0 {
        if Self.isBack(shot.descriptor) { arrived.insert(shot.index) }
        close(shot.descriptor)
      }
      shots = zip(shots, polls).filter { $0.1.revents == 0 }.map(\.0)
    }
    for shot in shots { close(shot.descriptor) }
    shots = []
    return (0..<count).map { arrived.contains($0) }
  }

  private enum Start {
    case waiting(Int32)
    case arrived
    case lost
  }

  private static func open(_ flow: Flow) throws -> Start {
    let kind = Int32((flow.transport == .tcp ? SOCK_STREAM : SOCK_DGRAM).rawValue)
    let descriptor = try FileDescriptor.socket(
      ProbeAddress.domain(flow.target.address.family), kind | Int32(SOCK_NONBLOCK.rawValue)
    ).release()
    if let source = flow.source {
      try systemCall("bind", "\(source)") {
        ProbeAddress(SocketEndpoint(source, 0)).withPointer { Glibc.bind(descriptor, $0, $1) }
      }
    }
    let isOpen = ProbeAddress(flow.target).withPointer { connect(descriptor, $0, $1) } == 0
    if !isOpen, errno != EINPROGRESS {
      let isRefused = errno == ECONNREFUSED
      close(descriptor)
      return isRefused ? .arrived : .lost
    }
    if flow.transport == .udp {
      var byte: UInt8 = 1
      guard Glibc.send(descriptor, &byte, 1, Int32(MSG_NOSIGNAL)) == 1 else {
        close(descriptor)
        return .lost
      }
    }
    return .waiting(descriptor)
  }

  /// Whether what woke the socket came from the other end, not from a router on the way.
  private static func isBack(_ descriptor: Int32) -> Bool {
    var (code, size) = (Int32(0), socklen_t(4))
    getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &size)
    return code == 0 || code == ECONNREFUSED
  }
}
