import HTTPTypes
import JSONTree
import KubernetesAPI
import Testing

@testable import APIServer

/// What Prometheus reads.
@Suite struct MetricsTests {
  private func page(_ server: TestServer) async throws -> [String] {
    let answer = try await server.get("/metrics")
    #expect(answer.code == 200 && answer.headers[.contentType]?.hasPrefix("text/plain; version=0.0.4") == true)
    return answer.text.split(separator: "\n").map(String.init)
  }

  @Test func requestsAreCountedByWhatTheyAre() async throws {
    let server = try await TestServer()
    let space = try await server.namespace()
    for name in ["a", "b"] { _ = try await space.create(.configMaps, TestObjects.configMap(name)).object(201) }
    #expect(try await space.create(.configMaps, TestObjects.configMap("a")).code == 409)
    // The other way in counts as well.
    let request = APIServerRequest(method: .get, target: space.path(.configMaps, "a"), user: TestServer.administrator)
    #expect(server.server.handler.handleAtOnce(request) != nil)
    let lines = try await page(server)
    func count(_ code: Int, _ verb: String, scope: String) -> String? {
      lines.first {
        $0.hasPrefix(
          #"apiserver_request_total{code="\#(code)",component="apiserver",dry_run="",group="",resource="configmaps",scope="\#(scope)",subresource="",verb="\#(verb)",version="v1"}"#
        )
      }.map { String($0.split(separator: " ").last ?? "") }
    }
    #expect(count(201, "POST", scope: "namespace") == "2" && count(409, "POST", scope: "namespace") == "1")
    #expect(count(200, "GET", scope: "resource") == "1")
    let posts = lines.filter {
      $0.hasPrefix("apiserver_request_duration_seconds") && $0.contains(#"resource="configmaps""#)
        && $0.contains(#"verb="POST""#)
    }
    #expect(posts.count == RequestMetrics.bounds.count + 3)
    #expect(posts.contains { $0.contains("_count{") && $0.hasSuffix(" 3") })
    #expect(posts.contains { $0.contains(#"le="+Inf"} 3"#) })
    #expect(lines.contains(#"apiserver_resource_objects{group="",resource="configmaps"} 2"#))
    #expect(lines.contains(#"apiserver_current_inflight_requests{request_kind="mutating"} 0"#))
    let memory = lines.first { $0.hasPrefix("process_resident_memory_bytes ") }
    #expect((memory?.split(separator: " ").last.flatMap { Double($0) } ?? 0) > 1_000_000)
  }

  /// Every sample stands under its own heading, and every line is a heading or a sample.
  @Test func thePageIsWellFormed() async throws {
    let server = try await TestServer.shared
    _ = try await server.get("/api/v1/pods?x=\"%0A\\")
    var name = ""
    for line in try await page(server) {
      if line.hasPrefix("# ") {
        name = String(line.split(separator: " ")[2])
      } else {
        #expect(line.hasPrefix(name) && Double(line.split(separator: " ").last ?? "") != nil, "\(line)")
      }
    }
    #expect(try await TestServer(server: server.server).get("/metrics").code == 200)
    var nobody = server
    nobody.user = User(name: "nobody", groups: ["system:authenticated"])
    #expect(try await nobody.get("/metrics").code == 403)
  }
}
