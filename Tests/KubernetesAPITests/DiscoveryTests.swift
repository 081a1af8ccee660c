import JSONTree
import Testing

@testable import KubernetesAPI

@Suite struct DiscoveryTests {
  private let documents = DiscoveryDocuments(virtual: [.tokenReviews])

  @Test func resourcesAreListedWithTheirSubresources() throws {
    let list = try #require(documents.resourceList(.core))
    let pods = list["resources"]?.items.first { $0["name"] == "pods" }
    #expect(pods?["shortNames"] == ["po"])
    #expect(pods?["verbs"]?.items.count == 8)
    let token = list["resources"]?.items.first { $0["name"] == "serviceaccounts/token" }
    #expect(token?["group"] == "authentication.k8s.io")
    #expect(token?["kind"] == "TokenRequest")
    #expect(documents.resourceList(GroupVersion(group: "nothing", version: "v1")) == nil)
    #expect(documents.resourceList(.authentication)?["resources"]?.items.first?["name"] == "tokenreviews")
  }

  @Test func groupsAreListedOnce() {
    let names = documents.groupList["groups"]?.items.compactMap { $0["name"]?.string }
    let groups = Set(ResourceKind.served.map(\.groupVersion.group)).subtracting([""])
    #expect(names?.count == groups.count + 1 && Set(names ?? []) == groups.union(["authentication.k8s.io"]))
    #expect(names?.first == "apps")
    #expect(documents.group("apps")?["preferredVersion"]?["groupVersion"] == "apps/v1")
    #expect(documents.group("nothing.example") == nil)
    #expect(documents.coreVersions(serverAddress: "10.0.0.1:6443")["versions"] == ["v1"])
  }

  @Test func aggregatedDiscoveryTellsTheSame() throws {
    let apps = try #require(documents.aggregated(isCore: false)["items"]?.items.first)
    #expect(apps["metadata"]?["name"] == "apps")
    let deployments = apps["versions"]?.items[0]["resources"]?.items[0]
    #expect(deployments?["resource"] == "deployments")
    #expect(deployments?["responseKind"] == ["group": "apps", "version": "v1", "kind": "Deployment"])
    #expect(deployments?["subresources"]?.items[1]["responseKind"]?["kind"] == "Scale")
    #expect(documents.aggregated(isCore: true)["items"]?.items.count == 1)
  }

  @Test func patchesAreOfferedForEveryKind() throws {
    let document = try #require(OpenAPIDocument().document(.apps))
    let path = "/apis/apps/v1/namespaces/{namespace}/deployments/{name}"
    let patch = try #require(document[path: "paths", path, "patch"])
    #expect(patch["x-kubernetes-group-version-kind"] == ["group": "apps", "version": "v1", "kind": "Deployment"])
    #expect(patch["x-kubernetes-action"] == "patch")
    #expect(patch["parameters"]?.items.contains { $0["name"] == "fieldValidation" } == true)
    #expect(patch[path: "requestBody", "content", "application/strategic-merge-patch+json"] != nil)
  }

  @Test func everyReferenceOfADocumentResolves() throws {
    for groupVersion in OpenAPIDocument(virtual: [.tokenReviews]).groupVersions {
      let document = try #require(OpenAPIDocument(virtual: [.tokenReviews]).document(groupVersion))
      let schemas = try #require(document[path: "components", "schemas"]?.object)
      var missing: [String] = []
      func visit(_ value: JSON) {
        switch value {
        case .array(let elements): elements.forEach(visit)
        case .object(let object):
          for member in object.members {
            if member.key == "$ref", let text = member.value.string {
              let name = String(text.dropFirst("#/components/schemas/".count))
              if schemas[name] == nil { missing.append(name) }
            }
            visit(member.value)
          }
        default: break
        }
      }
      visit(document)
      #expect(Set(missing).isEmpty, "\(groupVersion)")
    }
  }

  @Test func theIndexNamesEveryDocument() {
    let index = OpenAPIDocument().index(hashes: [.apps: "AB"])
    #expect(index[path: "paths", "apis/apps/v1", "serverRelativeURL"] == "/openapi/v3/apis/apps/v1?hash=AB")
    #expect(index[path: "paths", "api/v1", "serverRelativeURL"] == "/openapi/v3/api/v1")
  }
}
