import JSONTree

/// What `/version` says: the Kubernetes version whose API is served.
enum ServerVersion {
  static let json: JSON = [
    "major": "1", "minor": "36", "emulationMajor": "1", "emulationMinor": "36", "minCompatibilityMajor": "1",
    "minCompatibilityMinor": "35", "gitVersion": "v1.36.2", "gitCommit": "", "gitTreeState": "clean",
    "buildDate": "1970-01-01T00:00:00Z", "goVersion": "", "compiler": "swift", "platform": .string(platform),
  ]

  private static var platform: String {
    #if arch(arm64)
      "linux/arm64"
    #else
      "linux/amd64"
    #endif
  }
}
