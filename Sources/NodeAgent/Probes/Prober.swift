import ContainerRuntime
import NIOCore
import NIOPosix

/// Carries probes and hooks out.
protocol ProbeExecutor: Sendable {
  func run(_ action: ProbeAction, containerID: String, timeout: Duration) async -> ProbeResult
  /// A hook is an errand: what a server answers to it is all the same.
  func runHook(_ action: ProbeAction, containerID: String, timeout: Duration) async -> ProbeResult
}

struct Prober: ProbeExecutor {
  let runtime: any RuntimeService
  let group: any EventLoopGroup

  func run(_ action: ProbeAction, containerID: String, timeout: Duration) async -> ProbeResult {
    switch action {
    case .exec(let command): await exec(command, containerID, timeout)
    case .tcp(let host, let port): await connect(host, port, timeout)
    case .http(let scheme, let host, let port, let path, let headers):
      await HTTPProbe(
        target: HTTPTarget(scheme: scheme, host: host, port: port, path: path), headers: headers.map { ($0[0], $0[1]) },
        timeout: timeout
      ).probe(group: group)
    case .grpc(let host, let port, let service):
      await GRPCProbe(host: host, port: port, service: service, timeout: timeout).run(group: group)
    case .sleep(let seconds):
      (try? await Task.sleep(for: .seconds(seconds))) == nil
        ? ProbeResult(isSuccess: false, message: "interrupted") : ProbeResult(isSuccess: true)
    }
  }

  func runHook(_ action: ProbeAction, containerID: String, timeout: Duration) async -> ProbeResult {
    switch action {
    case .http(let scheme, let host, let port, let path, let headers):
      await HTTPProbe(
        target: HTTPTarget(scheme: scheme, host: host, port: port, path: path), headers: headers.map { ($0[0], $0[1]) },
        timeout: timeout, userAgent: "kube-lifecycle/1.36"
      ).hook(group: group)
    // The API still takes it for old clients' sake; it has never done anything.
    case .tcp, .grpc: ProbeResult(isSuccess: false, message: "invalid handler")
    case .exec, .sleep: await run(action, containerID: containerID, timeout: timeout)
    }
  }

  private func exec(_ command: [String], _ containerID: String, _ timeout: Duration) async -> ProbeResult {
    do {
      let result = try await runtime.run(command, in: containerID, timeoutSeconds: timeout.components.seconds)
      if result.exitCode == 0 { return ProbeResult(isSuccess: true) }
      let output = String(decoding: result.stdout + result.stderr, as: UTF8.self)
      return ProbeResult(isSuccess: false, message: String(output.prefix(1024)))
    } catch let error as ContainerRuntimeError {
      if error.code == .deadlineExceeded {
        let text = command.map { "\"\($0)\"" }.joined(separator: " ")
        return ProbeResult(
          isSuccess: false, message: "command [\(text)] timed out after \(timeout.components.seconds)s")
      }
      return ProbeResult(isSuccess: false, message: error.message)
    } catch {
      return ProbeResult(isSuccess: false, message: "\(error)")
    }
  }

  private func connect(_ host: String, _ port: Int, _ timeout: Duration) async -> ProbeResult {
    do {
      let channel = try await ClientBootstrap(group: group)
        .connectTimeout(TimeAmount(timeout)).connect(host: host, port: port).get()
      try? await channel.close()
      return ProbeResult(isSuccess: true)
    } catch {
      return ProbeResult(isSuccess: false, message: "dial tcp \(host):\(port): \(HTTPProbe.reason(error))")
    }
  }
}
