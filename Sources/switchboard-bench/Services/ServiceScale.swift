/// How many Services, of ten endpoints each, stand beside the one that is measured.
enum ServiceScale: Int, CaseIterable, Sendable {
  case hundred = 100
  case thousand = 1000
  case tenThousand = 10_000
  case thirtyThousand = 30_000

  /// From the API's answer to the write of an EndpointSlice until the first connection.
  var toConnection: Series {
    switch self {
    case .hundred: .sliceToConnection100
    case .thousand: .sliceToConnection
    case .tenThousand: .sliceToConnection10k
    case .thirtyThousand: .sliceToConnection30k
    }
  }

  /// A connection through a ClusterIP that is in force, in percent of a bare one.
  var connection: Series {
    switch self {
    case .hundred: .serviceConnection100
    case .thousand: .serviceConnection1k
    case .tenThousand: .serviceConnection10k
    case .thirtyThousand: .serviceConnection30k
    }
  }

  /// All Services of an agent that finds nothing in the kernel.
  var programming: Series {
    switch self {
    case .hundred: .programming100
    case .thousand: .programming1k
    case .tenThousand: .programming10k
    case .thirtyThousand: .programming30k
    }
  }

  /// As people write the number.
  var text: String {
    switch self {
    case .hundred: "100"
    case .thousand: "1,000"
    case .tenThousand: "10,000"
    case .thirtyThousand: "30,000"
    }
  }
}
