import Glibc
import JSONTree
import KubernetesAPI
import LinuxKernel
import NIOCore

/// `/metrics`.
struct ServerMetrics: Sendable {
  let requests: RequestMetrics
  let registry: Registry
  let flow: FlowController

  func answer() -> APIServerResponse {
    var page = MetricsPage()
    requests.write(to: &page)
    writeObjects(to: &page)
    flow.write(to: &page)
    writeProcess(to: &page)
    page.begin("kubernetes_build_info", .gauge, "The version that is served.")
    let version = ServerVersion.json
    page.add(
      1,
      ["gitVersion", "major", "minor", "platform"].map { name in
        (name == "gitVersion" ? "git_version" : name, version[name]?.string ?? "")
      })
    return APIServerResponse(
      encoded: ByteBuffer(string: page.text), contentType: MetricsPage.contentType)
  }

  private func writeObjects(to page: inout MetricsPage) {
    let caches = registry.allCaches.sorted { $0.kind.qualifiedResource < $1.kind.qualifiedResource }
    page.begin("apiserver_resource_objects", .gauge, "Objects stored, by their resource.")
    for cache in caches {
      page.add(
        Double(cache.count), [("group", cache.kind.groupVersion.group), ("resource", cache.kind.plural)])
    }
    page.begin("apiserver_longrunning_requests", .gauge, "Watches that go on.")
    for cache in caches where cache.watcherCount > 0 {
      page.add(
        Double(cache.watcherCount),
        [
          ("component", "apiserver"), ("group", cache.kind.groupVersion.group), ("resource", cache.kind.plural),
          ("verb", "WATCH"), ("version", cache.kind.groupVersion.version),
        ])
    }
  }

  /// What /proc/self/stat (proc_pid_stat(5)) says of this process.
  private func writeProcess(to page: inout MetricsPage) {
    guard let bytes = try? KernelFile.read("/proc/self/stat") else { return }
    // The name in parentheses may hold anything; behind it the third field begins.
    let fields = String(decoding: bytes, as: UTF8.self).split(separator: ")").last?.split(separator: " ") ?? []
    guard fields.count > 21 else { return }
    let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
    func field(_ number: Int) -> Double { Double(fields[number - 3]) ?? 0 }
    page.begin("process_cpu_seconds_total", .counter, "Processor time, in seconds.")
    page.add((field(14) + field(15)) / ticks)
    page.begin("process_resident_memory_bytes", .gauge, "Resident memory, in bytes.")
    page.add(field(24) * Double(sysconf(Int32(_SC_PAGESIZE))))
  }
}
