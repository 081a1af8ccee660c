import JSONTree
import LinuxKernel
package import Logging

/// The audit log with its policy.
package final class Auditor: Sendable {
  let policy: AuditPolicy
  let log: AuditLog

  package init(_ configuration: AuditConfiguration, logger: Logger) throws(APIServerError) {
    let text: String
    do {
      text = try KernelFile.text(configuration.policyFile)
    } catch {
      throw APIServerError(.audit, "the audit policy \(configuration.policyFile) cannot be read", cause: error)
    }
    policy = try AuditPolicy(yaml: text)
    log = try AuditLog(configuration, logger: logger)
  }

  func begin(_ request: APIServerRequest) -> AuditRecord {
    let (path, query) = RequestHandler.split(request.target)
    let info = RequestInfo(path: path, method: request.method, query: query)
    return AuditRecord(request, info, path: path, query: query, auditor: self)
  }

  /// Writes what waits.
  package func close() async { await log.close() }
}
