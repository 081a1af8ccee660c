/// Where audit events go, and which.
package struct AuditConfiguration: Sendable {
  /// The file of the policy.
  package var policyFile: String
  /// The file that takes the events, a line each; `-` for standard output.
  package var logPath: String
  /// Days after which old files go; 0 keeps them.
  package var maximumAge = 0
  /// How many old files stay; 0 keeps all.
  package var maximumBackups = 0
  /// Megabytes after which a new file is begun.
  package var maximumSize = 100

  package init(policyFile: String, logPath: String) {
    self.policyFile = policyFile
    self.logPath = logPath
  }
}
