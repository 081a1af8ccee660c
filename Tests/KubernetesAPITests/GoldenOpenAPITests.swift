import JSONTree
import SwitchboardTesting
import Testing

@testable import KubernetesAPI

@Suite struct GoldenOpenAPITests {
  @Test func leasesDocument() throws {
    let document = try #require(OpenAPIDocument(kinds: [.leases]).document(.coordination))
    let text = String(decoding: document.encoded(indented: true), as: UTF8.self) + "\n"
    let difference = Baseline.difference(text, from: "KubernetesAPI/coordination-v1.openapi.json")
    #expect(difference == nil, "\(difference ?? "")")
  }

  @Test func serviceSchema() throws {
    let document = try #require(OpenAPIDocument().document(.core))
    let schemas = try #require(document[path: "components", "schemas"])
    let names = ["Service", "ServiceSpec", "ServicePort"].map { "io.k8s.api.core.v1.\($0)" }
    let chosen = JSONObject(members: names.map { .init(key: $0, value: schemas[$0] ?? .null) })
    let text = String(decoding: JSON.object(chosen).encoded(indented: true), as: UTF8.self) + "\n"
    let difference = Baseline.difference(text, from: "KubernetesAPI/service.schema.json")
    #expect(difference == nil, "\(difference ?? "")")
  }

  @Test func aggregatedDiscovery() {
    let discovery = DiscoveryDocuments(virtual: [.tokenReviews, .selfSubjectReviews])
    let text = String(decoding: discovery.aggregated(isCore: false).encoded(indented: true), as: UTF8.self) + "\n"
    let difference = Baseline.difference(text, from: "KubernetesAPI/apis.aggregated.json")
    #expect(difference == nil, "\(difference ?? "")")
  }
}
