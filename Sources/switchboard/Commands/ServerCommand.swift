import ArgumentParser
import LinuxKernel

struct ServerCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "server", abstract: "Run the control plane: API, store, controllers and scheduler.",
    discussion: """
      At its first start it makes a certificate authority, certificates and an administrator's kubeconfig.

        switchboard server --data-dir /var/lib/switchboard/server --advertise-address 172.30.0.11 \\
          --kubeconfig-out admin.kubeconfig
      """)

  @Option(help: ArgumentHelp("Folder of the database, the certificates and the keys.", valueName: "folder"))
  var dataDir = "/var/lib/switchboard/server"

  @Option(help: ArgumentHelp("Address under which nodes and clients reach this server.", valueName: "address"))
  var advertiseAddress: String

  @Option(
    help: ArgumentHelp("Address to listen on; all of the advertised one's family by default.", valueName: "address"))
  var bindAddress: String?

  @Option(
    help: ArgumentHelp(
      "Configuration of admission (apiserver.config.k8s.io/v1): PodSecurity's defaults and exemptions.",
      valueName: "file"))
  var admissionControlConfigFile: String?

  @Option(help: "Port to listen on.")
  var port: UInt16 = 6443

  @Option(help: ArgumentHelp("Where to write the administrator's kubeconfig.", valueName: "file"))
  var kubeconfigOut: String?

  @Option(
    help: ArgumentHelp(
      "Addresses of pods, of one family or both; every node gets a /24 of IPv4 and a /64 of IPv6.",
      valueName: "cidr[,cidr]"))
  var podCidr = "10.244.0.0/16"

  @Option(
    help: ArgumentHelp(
      "Addresses of Services, of one family or both; Services get the first one's where they do not ask.",
      valueName: "cidr[,cidr]"))
  var serviceCidr = "10.96.0.0/12"

  @Option(
    help: ArgumentHelp(
      "Addresses for Services of type LoadBalancer: blocks and ranges, divided by commas; may be repeated. The ConfigMap "
        + "kube-system/load-balancer-pools has precedence.", valueName: "addresses"))
  var loadBalancerPool: [String] = []

  @Option(help: ArgumentHelp("Policy of the audit log (audit.k8s.io/v1).", valueName: "file"))
  var auditPolicyFile: String?

  @Option(help: ArgumentHelp("Where the audit log is written; - for standard output.", valueName: "file"))
  var auditLogPath: String?

  @Option(help: ArgumentHelp("Days for which old audit logs stay; 0 is for ever.", valueName: "days"))
  var auditLogMaxage = 0

  @Option(help: ArgumentHelp("How many old audit logs stay; 0 is all.", valueName: "count"))
  var auditLogMaxbackup = 0

  @Option(help: ArgumentHelp("Megabytes after which a new audit log is begun.", valueName: "megabytes"))
  var auditLogMaxsize = 100

  @Option(help: ArgumentHelp("trace, debug, info, notice, warning, error or critical.", valueName: "level"))
  var logLevel = "info"

  func run() async throws {
    // Every connection and every watch is a descriptor; the usual 1,024 are for programs that use select.
    try OpenFileLimit.raise()
    try await ServerComposition.run(self)
  }
}
