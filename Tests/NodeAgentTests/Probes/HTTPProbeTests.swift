import NIOPosix
import Testing

@testable import NodeAgent

@Suite(.timeLimit(.minutes(3))) struct HTTPProbeTests {
  private func probe(_ port: Int, _ path: String, scheme: String = "http") -> HTTPProbe {
    HTTPProbe(
      target: HTTPTarget(scheme: scheme, host: "127.0.0.1", port: port, path: path), headers: [],
      timeout: .seconds(120))
  }

  @Test func aRedirectWithinTheHostIsFollowed() async throws {
    let server = try await WebServer { path in
      switch path {
      case "/redirect?loc=%2Fhealthz": .init(status: 302, location: "/healthz")
      case "/healthz": .init(status: 500)
      default: nil
      }
    }
    let found = await probe(server.port, "/redirect?loc=%2Fhealthz").probe(group: MultiThreadedEventLoopGroup.singleton)
    #expect(found == ProbeResult(isSuccess: false, message: "HTTP probe failed with statuscode: 500"))
    #expect(
      server.requests == [
        "/redirect?loc=%2Fhealthz 127.0.0.1:\(server.port) kube-probe/1.36",
        "/healthz 127.0.0.1:\(server.port) kube-probe/1.36",
      ])
    await server.close()
  }

  @Test func aRedirectToAnotherHostIsASuccessWithAWarning() async throws {
    let body = "<a href=\"http://0.0.0.0/\">Found</a>."
    let server = try await WebServer { _ in .init(status: 302, location: "http://0.0.0.0/", body: body) }
    let found = await probe(server.port, "/").probe(group: MultiThreadedEventLoopGroup.singleton)
    #expect(
      found == ProbeResult(isSuccess: true, warning: "Probe terminated redirects, Response body: \(body)"))
    await server.close()
  }

  @Test func aCircleEndsAfterTenRequests() async throws {
    let server = try await WebServer { _ in .init(status: 301, location: "/") }
    let found = await probe(server.port, "/").probe(group: MultiThreadedEventLoopGroup.singleton)
    #expect(
      found
        == ProbeResult(
          isSuccess: false, message: "Get \"http://127.0.0.1:\(server.port)/\": stopped after 10 redirects"))
    #expect(server.requests.count == 10)
    await server.close()
  }

  @Test func aHookIsContentWithAnyAnswer() async throws {
    let server = try await WebServer { _ in nil }
    let prober = Prober(runtime: FakeRuntime(), group: MultiThreadedEventLoopGroup.singleton)
    func hook(_ action: ProbeAction) async -> ProbeResult {
      await prober.runHook(action, containerID: "c", timeout: .seconds(30))
    }
    func get(_ scheme: String) -> ProbeAction {
      .http(scheme: scheme, host: "127.0.0.1", port: server.port, path: "/bye", headers: [])
    }
    #expect(await hook(get("http")) == ProbeResult(isSuccess: true))
    // Nobody speaks TLS there, which is forgiven.
    #expect(await hook(get("https")) == ProbeResult(isSuccess: true))
    let line = "/bye 127.0.0.1:\(server.port) kube-lifecycle/1.36"
    #expect(server.requests == [line, line])
    #expect(await !hook(.tcp(host: "127.0.0.1", port: server.port)).isSuccess)
    await server.close()
    #expect(await !hook(get("http")).isSuccess)
  }

  @Test(
    arguments: [
      ("/healthz", "http://[fd00::1]:8080/healthz"), ("other?a=1", "http://[fd00::1]:8080/a/other?a=1"),
      ("../up/./x#part", "http://[fd00::1]:8080/up/x"), ("..", "http://[fd00::1]:8080/"),
      ("?q=2", "http://[fd00::1]:8080/a/b?q=2"), ("//[fd00::2]/c", "http://[fd00::2]:80/c"),
      ("HTTPS://u:p@example.org?x", "https://example.org:443/?x"),
      ("https://example.org:8443", "https://example.org:8443/"),
      ("ftp://example.org/", nil), ("http://:80/", nil),
    ] as [(String, String?)])
  func whereARedirectLeads(_ location: String, _ url: String?) {
    let base = HTTPTarget(scheme: "http", host: "fd00::1", port: 8080, path: "/a/b?c=d")
    #expect(base.following(location)?.url == url)
  }
}
