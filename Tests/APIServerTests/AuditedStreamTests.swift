import APIClient
import APIServer
import Foundation
import JSONTree
import KubernetesAPI
import NIOCore
import NIOPosix
import NIOSSL
import NetworkTypes
import Testing

/// What the audit log says of streams that an agent serves.
@Suite(.timeLimit(.minutes(5))) struct AuditedStreamTests {
  private static let policy = """
    apiVersion: audit.k8s.io/v1
    kind: Policy
    rules:
    - level: Metadata
      verbs: [create, get]
      resources: [{group: "", resources: ["pods/exec", "pods/attach", "pods/portforward"]}]
    """

  /// An agent that gives one answer to whatever it is asked, and leaves the connection open.
  private static func agent(
    _ server: APIServer, answering text: String
  ) async throws -> (channel: any Channel, port: Int) {
    let key = try server.identity.nodeServing("node-1", addresses: [])
    let tls = try NIOSSLContext(
      configuration: .makeServerConfiguration(
        certificateChain: try NIOSSLCertificate.fromPEMBytes(Array(key.certificate.utf8)).map { .certificate($0) },
        privateKey: .privateKey(try NIOSSLPrivateKey(bytes: Array(key.privateKey.utf8), format: .pem))))
    let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandlers(NIOSSLServerHandler(context: tls), OneAnswer(text: text))
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    return (channel, channel.localAddress?.port ?? 0)
  }

  private final class OneAnswer: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let text: String
    private var isDone = false

    init(text: String) { self.text = text }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      if isDone { return }
      isDone = true
      context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
    }
  }

  /// Runs `body` with a server that has an audit log, and a pod on a node whose agent answers with `text`.
  private func withPod(
    answering text: String, _ body: (ListeningServer, _ log: String) async throws -> Void
  ) async throws {
    let folder = TestServer.temporaryDirectory()
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try Self.policy.write(toFile: "\(folder)/policy.yaml", atomically: true, encoding: .utf8)
    try await ListeningServer.run { configuration in
      configuration.audit = AuditConfiguration(policyFile: "\(folder)/policy.yaml", logPath: "\(folder)/audit.log")
    } _: { listening in
      let server = TestServer(server: listening.server)
      let (agent, port) = try await Self.agent(listening.server, answering: text)
      _ = try await server.post("/api/v1/nodes", TestObjects.node("node-1")).object(201)
      _ = try await server.patch(
        "/api/v1/nodes/node-1/status",
        [
          "status": [
            "addresses": [["type": "InternalIP", "address": "127.0.0.1"]],
            "daemonEndpoints": ["kubeletEndpoint": ["Port": .int(Int64(port))]],
          ]
        ]
      ).object()
      let path = ResourceKind.pods.collectionPath(namespace: "default")
      _ = try await server.post(
        ResourceKind.serviceAccounts.collectionPath(namespace: "default"), TestObjects.serviceAccount("default"))
      _ = try await server.post(path, TestObjects.pod("web", node: "node-1")).object(201)
      try await body(listening, "\(folder)/audit.log")
      try await agent.close()
    }
  }

  /// Waits until the log has so many events.
  private func events(_ count: Int, _ path: String) async throws -> [JSON] {
    var found: [JSON] = []
    for _ in 0..<1_000 {
      let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
      found = try text.split(separator: "\n").map { try JSON.parse(String($0)) }
      if found.count >= count { break }
      // The log is written by a thread that tells nobody when.
      try await Task.sleep(for: .milliseconds(5))
    }
    #expect(found.count == count, "\(found)")
    return found
  }

  private static let request =
    "POST /api/v1/namespaces/default/pods/web/exec?command=x&stdout=1 HTTP/1.1\r\nHost: a\r\n"
    + "Connection: Upgrade\r\nUpgrade: SPDY/3.1\r\nX-Stream-Protocol-Version: v4.channel.k8s.io\r\n\r\n"

  @Test func aStreamIsToldOfWhenItBeginsAndWhenItEnds() async throws {
    let answer = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n\r\n"
    try await withPod(answering: answer) { server, log in
      let channel = try await ListeningServer.connect(server.configuration)
      try await channel.executeThenClose { inbound, outbound in
        try await outbound.write(ByteBuffer(string: Self.request))
        var text = ""
        for try await part in inbound {
          text += String(buffer: part)
          if text.contains("\r\n\r\n") { break }
        }
        #expect(text.hasPrefix("HTTP/1.1 101"), "\(text)")
        let begun = try await events(2, log)
        #expect(begun.map { $0["stage"] } == ["RequestReceived", "ResponseStarted"])
        // It goes on, and nothing more is said of it.
        try await Task.sleep(for: .milliseconds(100))
        #expect(try await events(2, log).count == 2)
      }
      let all = try await events(3, log)
      #expect(all.map { $0["stage"] } == ["RequestReceived", "ResponseStarted", "ResponseComplete"])
      #expect(all.dropFirst().allSatisfy { $0[path: "responseStatus", "code"] == 101 })
      #expect(Set(all.map { $0["auditID"]?.string }).count == 1)
      #expect(all[2][path: "objectRef", "subresource"] == "exec")
    }
  }

  @Test func aStreamThatTheAgentRefusesIsComplete() async throws {
    let answer = "HTTP/1.1 404 Not Found\r\nContent-Length: 7\r\n\r\nno such"
    try await withPod(answering: answer) { server, log in
      let channel = try await ListeningServer.connect(server.configuration)
      try await channel.executeThenClose { inbound, outbound in
        try await outbound.write(ByteBuffer(string: Self.request))
        for try await part in inbound where String(buffer: part).hasPrefix("HTTP/1.1 4") { break }
        let all = try await events(3, log)
        #expect(all.map { $0["stage"] } == ["RequestReceived", "ResponseStarted", "ResponseComplete"])
        #expect(all[2][path: "responseStatus", "code"] == 404, "\(all[2])")
      }
    }
  }
}
