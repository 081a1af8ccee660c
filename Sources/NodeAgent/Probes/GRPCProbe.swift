import ContainerRuntime
import NIOCore

/// Asks a container's gRPC health service; the words of its failures are upstream's.
struct GRPCProbe: Sendable {
  let host: String
  let port: Int
  let service: String
  let timeout: Duration

  private var address: String { "\(host.contains(":") ? "[\(host)]" : host):\(port)" }

  func run(group: any EventLoopGroup) async -> ProbeResult {
    let health = GRPCHealth(host: host, port: port, service: service, userAgent: "kube-probe/1.36")
    switch await health.check(timeout: timeout, group: group) {
    case .status(1): return ProbeResult(isSuccess: true)
    case .status(let number):
      return failure("service unhealthy (responded with \"\(Self.statusName(number))\")")
    case .notConnected:
      return failure(
        "timeout: failed to connect service \"\(address)\" within \(PodWorker.text(timeout)): context deadline exceeded"
      )
    case .failed(.unimplemented, let message):
      return failure(
        "error: this server does not implement the grpc health protocol (grpc.health.v1.Health): \(message)")
    case .failed(.deadlineExceeded, _):
      return failure("timeout: health rpc did not complete within \(PodWorker.text(timeout))")
    case .failed(let code, let message):
      return failure("error: health rpc probe failed: rpc error: code = \(code.callName) desc = \(message)")
    }
  }

  private func failure(_ message: String) -> ProbeResult { ProbeResult(isSuccess: false, message: message) }

  private static func statusName(_ number: UInt64) -> String {
    let names = ["UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN"]
    return number < 4 ? names[Int(number)] : "\(number)"
  }
}
