// swift-tools-version:6.1
import PackageDescription

/// Every target compiles in Swift 6 mode with the strict import rules of the house style.
let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
]

extension Target.Dependency {
  static let log = product(name: "Logging", package: "swift-log")
  static let lifecycle = product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
  static let unixSignals = product(name: "UnixSignals", package: "swift-service-lifecycle")
  static let arguments = product(name: "ArgumentParser", package: "swift-argument-parser")
  static let hashTrees = product(name: "HashTreeCollections", package: "swift-collections")
  static let nioCore = product(name: "NIOCore", package: "swift-nio")
  static let nioPosix = product(name: "NIOPosix", package: "swift-nio")
  static let nioEmbedded = product(name: "NIOEmbedded", package: "swift-nio")
  static let nioHTTP1 = product(name: "NIOHTTP1", package: "swift-nio")
  static let nioWebSocket = product(name: "NIOWebSocket", package: "swift-nio")
  static let nioTLS = product(name: "NIOTLS", package: "swift-nio")
  static let nioHTTP2 = product(name: "NIOHTTP2", package: "swift-nio-http2")
  static let nioHPACK = product(name: "NIOHPACK", package: "swift-nio-http2")
  static let nioSSL = product(name: "NIOSSL", package: "swift-nio-ssl")
  static let httpTypes = product(name: "HTTPTypes", package: "swift-http-types")
  static let nioHTTPTypes = product(name: "NIOHTTPTypes", package: "swift-nio-extras")
  static let nioHTTPTypesHTTP1 = product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras")
  static let nioHTTPTypesHTTP2 = product(name: "NIOHTTPTypesHTTP2", package: "swift-nio-extras")
  static let x509 = product(name: "X509", package: "swift-certificates")
  static let asn1 = product(name: "SwiftASN1", package: "swift-asn1")
  static let crypto = product(name: "Crypto", package: "swift-crypto")
  static let cryptoExtras = product(name: "_CryptoExtras", package: "swift-crypto")
  static let protobuf = product(name: "SwiftProtobuf", package: "swift-protobuf")
  static let grdb = product(name: "GRDB", package: "GRDB.swift")
  static let yams = product(name: "Yams", package: "Yams")
}

func layer(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func program(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .executableTarget(name: name, dependencies: dependencies, swiftSettings: strict)
}

func tests(_ subject: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .testTarget(
    name: subject + "Tests",
    dependencies: [.target(name: subject), "SwitchboardTesting"] + dependencies,
    swiftSettings: strict)
}

let package = Package(
  name: "switchboard",
  platforms: [.macOS(.v15)],
  products: [
    .executable(name: "switchboard", targets: ["switchboard"]),
    .executable(name: "switchboard-cni", targets: ["switchboard-cni"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    .package(url: "https://github.com/apple/swift-asn1", exact: "1.7.4"),
    .package(url: "https://github.com/apple/swift-certificates", exact: "1.21.1"),
    .package(url: "https://github.com/apple/swift-collections", exact: "1.6.0"),
    .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
    .package(url: "https://github.com/apple/swift-http-types", exact: "1.8.0"),
    .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
    .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-extras", exact: "1.35.2"),
    .package(url: "https://github.com/apple/swift-nio-http2", exact: "1.46.0"),
    .package(url: "https://github.com/apple/swift-nio-ssl", exact: "2.37.6"),
    .package(url: "https://github.com/apple/swift-protobuf", exact: "1.39.0", traits: []),
    .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
    .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
  ],
  targets: [
    // C: what Swift cannot see of the kernel's interface.
    .target(name: "CLinux"),
    .systemLibrary(name: "CZlib"),

    // Base.
    layer("NetworkTypes"),
    layer("JSONTree"),
    layer("KubernetesAPI", ["JSONTree", "NetworkTypes"]),
    layer("LinuxKernel", ["CLinux"]),
    layer("Compression", ["CZlib"]),

    // Drivers.
    layer("Netlink", ["LinuxKernel", "NetworkTypes"]),
    layer("NFTables", ["Netlink", "LinuxKernel", "NetworkTypes"]),
    layer("Conntrack", ["Netlink", "LinuxKernel", "NetworkTypes"]),
    layer("PacketLog", ["Conntrack", "Netlink", "LinuxKernel", "NetworkTypes"]),
    layer("Store", [.grdb, .log]),
    layer("SPDY", ["Compression", .nioCore]),
    layer(
      "ContainerRuntime",
      [
        .nioCore, .nioPosix, .nioHTTP2, .nioHPACK, .nioHTTP1, .protobuf, .crypto, .log, "JSONTree", "LinuxKernel",
        "NetworkTypes", "SPDY",
      ]),
    layer(
      "APIClient",
      [
        "JSONTree", "KubernetesAPI", "NetworkTypes", .nioCore, .nioPosix, .nioHTTP1, .nioWebSocket, .nioSSL,
        .nioTLS, .yams, .log, .lifecycle,
      ]),

    // Planners: pure.
    layer("ClusterModel", ["JSONTree", "KubernetesAPI", "NetworkTypes", .hashTrees]),
    layer("RoutePlan", ["ClusterModel", "KubernetesAPI", "NetworkTypes", .hashTrees]),
    layer("ServicePlan", ["ClusterModel", "KubernetesAPI", "NetworkTypes", .hashTrees]),
    layer("PolicyPlan", ["ClusterModel", "KubernetesAPI", "NetworkTypes", .hashTrees]),
    layer("NamePlan", ["ClusterModel", "KubernetesAPI", "NetworkTypes", .hashTrees]),
    layer("AnnouncementPlan", ["ClusterModel", "KubernetesAPI", "NetworkTypes", .hashTrees]),

    // Services.
    layer(
      "APIServer",
      [
        "Compression", "JSONTree", "KubernetesAPI", "LinuxKernel", "NetworkTypes", "Store", .nioCore, .nioPosix,
        .nioHTTP1, .nioHTTP2, .nioWebSocket, .nioTLS, .nioSSL, .httpTypes, .nioHTTPTypes, .nioHTTPTypesHTTP1,
        .nioHTTPTypesHTTP2,
        .x509, .asn1, .crypto, .cryptoExtras, .yams, .log, .lifecycle,
      ]),
    layer("Controllers", ["JSONTree", "KubernetesAPI", "NetworkTypes", "APIClient", .log, .lifecycle]),
    layer("Scheduler", ["JSONTree", "KubernetesAPI", "APIClient", .log, .lifecycle]),
    layer(
      "NodeAgent",
      [
        "JSONTree", "KubernetesAPI", "NetworkTypes", "LinuxKernel", "Compression", "APIClient", "ClusterModel",
        "ContainerRuntime", "SPDY", .hashTrees, .nioCore, .nioPosix, .nioHTTP1, .nioWebSocket, .nioSSL, .nioTLS, .log,
        .lifecycle,
      ]),
    layer(
      "PodNetwork",
      [
        "JSONTree", "KubernetesAPI", "LinuxKernel", "Netlink", "NFTables", "NetworkTypes", "ClusterModel", "RoutePlan",
        .hashTrees, .log, .lifecycle,
      ]),
    layer(
      "ServiceProxy",
      [
        "KubernetesAPI", "LinuxKernel", "Netlink", "NFTables", "Conntrack", "NetworkTypes", "ClusterModel",
        "ServicePlan", .hashTrees, .nioCore, .nioPosix, .nioHTTP1, .log, .lifecycle,
      ]),
    layer(
      "PolicyEnforcer",
      [
        "JSONTree", "KubernetesAPI", "LinuxKernel", "Netlink", "NFTables", "Conntrack", "NetworkTypes", "APIClient",
        "ClusterModel", "PolicyPlan", .hashTrees, .log, .lifecycle,
      ]),
    layer(
      "NameServer",
      [
        "KubernetesAPI", "LinuxKernel", "NetworkTypes", "ClusterModel", "NamePlan", .hashTrees, .nioCore, .nioPosix,
        .log, .lifecycle,
      ]),
    layer(
      "AddressAnnouncer",
      [
        "AnnouncementPlan", "ClusterModel", "LinuxKernel", "Netlink", "NFTables", "NetworkTypes", .log, .lifecycle,
      ]),
    layer(
      "Explain",
      [
        "JSONTree", "KubernetesAPI", "LinuxKernel", "Netlink", "NetworkTypes", "ClusterModel", "NamePlan", "PolicyPlan",
        "ServicePlan", .hashTrees,
      ]),
    layer(
      "FlowLog",
      [
        "JSONTree", "KubernetesAPI", "LinuxKernel", "Netlink", "Conntrack", "PacketLog", "NetworkTypes", "ClusterModel",
        "PolicyPlan", .hashTrees, .log, .lifecycle,
      ]),
    layer("Lab", ["JSONTree", "LinuxKernel", "Netlink", "NetworkTypes", .log]),

    // Programs.
    program(
      "switchboard",
      [
        "APIClient", "APIServer", "AddressAnnouncer", "ClusterModel", "Conntrack", "ContainerRuntime", "Controllers",
        "Explain",
        "FlowLog", "JSONTree",
        "KubernetesAPI", "Lab", "LinuxKernel", "NameServer", "NamePlan", "NetworkTypes", "Netlink", "NFTables",
        "NodeAgent", "PodNetwork", "PolicyEnforcer", "PolicyPlan", "RoutePlan", "Scheduler", "ServicePlan",
        "ServiceProxy", "Store", .arguments, .httpTypes,
        .nioCore,
        .nioSSL, .log, .lifecycle, .unixSignals,
      ]),
    program("switchboard-cni", ["JSONTree", "LinuxKernel", "Netlink"]),
    program(
      "switchboard-bench",
      [
        "APIClient", "ClusterModel", "ContainerRuntime", "JSONTree", "KubernetesAPI", "Lab", "LinuxKernel", "Netlink",
        "NetworkTypes", "PolicyEnforcer", "PolicyPlan", "ServiceProxy", .arguments, .grdb, .hashTrees, .log, .nioCore,
        .nioHTTP1, .nioPosix, .nioSSL, .nioTLS,
      ]),

    // Tests.
    layer(
      "SwitchboardTesting", ["JSONTree", "KubernetesAPI", "LinuxKernel", "NFTables", "NetworkTypes", "ServicePlan"]),
    layer("APITesting", ["APIClient", "JSONTree", "KubernetesAPI"]),
    .testTarget(
      name: "SwitchboardTestingTests",
      dependencies: ["SwitchboardTesting", "JSONTree", "KubernetesAPI", "NetworkTypes"],
      swiftSettings: strict),
    tests("NetworkTypes"),
    tests("JSONTree"),
    tests("KubernetesAPI", ["JSONTree"]),
    tests("LinuxKernel"),
    tests("Compression"),
    tests("Netlink", ["LinuxKernel", "NetworkTypes"]),
    tests("NFTables", ["LinuxKernel", "Netlink", "NetworkTypes"]),
    tests("Conntrack", ["LinuxKernel", "Netlink", "NetworkTypes"]),
    tests("PacketLog", ["Conntrack", "LinuxKernel", "NFTables", "Netlink", "NetworkTypes"]),
    tests("Store", [.log]),
    tests("SPDY", [.nioCore, .nioEmbedded]),
    tests("ContainerRuntime", ["LinuxKernel", "JSONTree"]),
    tests("APIClient", ["APITesting", "JSONTree", "KubernetesAPI", .log, .nioCore, .nioEmbedded, .nioHTTP1]),
    tests("ClusterModel", ["JSONTree", "KubernetesAPI", "NetworkTypes", .hashTrees]),
    tests("RoutePlan", ["ClusterModel", "KubernetesAPI", "NetworkTypes"]),
    tests("ServicePlan", ["ClusterModel", "KubernetesAPI", "NetworkTypes", .hashTrees]),
    tests("PolicyPlan", ["ClusterModel", "JSONTree", "KubernetesAPI", "NetworkTypes", .hashTrees]),
    tests(
      "PolicyEnforcer",
      [
        "APIClient", "APITesting", "ClusterModel", "Conntrack", "JSONTree", "KubernetesAPI", "LinuxKernel", "Netlink",
        "NFTables", "NetworkTypes", "PolicyPlan", .hashTrees, .log, .lifecycle,
      ]),
    tests("NamePlan", ["ClusterModel", "KubernetesAPI", "NetworkTypes"]),
    tests(
      "APIServer",
      [
        "APIClient", "Compression", "JSONTree", "KubernetesAPI", "LinuxKernel", "NetworkTypes", "Store", .crypto,
        .httpTypes, .log, .nioCore, .nioEmbedded, .nioPosix, .nioSSL,
      ]),
    tests(
      "Controllers", ["APIClient", "APITesting", "JSONTree", "KubernetesAPI", "NetworkTypes", .log, .lifecycle]),
    tests("Scheduler", ["APIClient", "APITesting", "JSONTree", "KubernetesAPI", .log]),
    tests(
      "NodeAgent",
      [
        "APIClient", "APITesting", "ClusterModel", "Compression", "ContainerRuntime", "JSONTree", "KubernetesAPI",
        "LinuxKernel", "NetworkTypes", "SPDY", .log, .nioCore, .nioPosix, .nioHTTP2, .nioHPACK, .nioSSL, .nioWebSocket,
      ]),
    tests(
      "PodNetwork",
      [
        "JSONTree", "KubernetesAPI", "LinuxKernel", "Netlink", "NetworkTypes", "ClusterModel", "RoutePlan", .hashTrees,
        .lifecycle, .log,
      ]),
    tests(
      "ServiceProxy",
      [
        "ClusterModel", "Conntrack", "JSONTree", "KubernetesAPI", "LinuxKernel", "Netlink", "NFTables", "NetworkTypes",
        "ServicePlan", .hashTrees, .log, .lifecycle,
      ]),
    tests("NameServer", ["ClusterModel", "KubernetesAPI", "LinuxKernel", "NamePlan", "NetworkTypes", .log]),
    tests("AnnouncementPlan", ["ClusterModel", "KubernetesAPI", "NetworkTypes"]),
    tests(
      "AddressAnnouncer",
      [
        "ClusterModel", "KubernetesAPI", "LinuxKernel", "Netlink", "NFTables", "NetworkTypes", .lifecycle, .log,
      ]),
    tests(
      "Explain",
      ["ClusterModel", "JSONTree", "KubernetesAPI", "NamePlan", "NetworkTypes", "PolicyPlan", .hashTrees]),
    tests(
      "FlowLog",
      [
        "ClusterModel", "Conntrack", "JSONTree", "KubernetesAPI", "LinuxKernel", "NFTables", "Netlink", "NetworkTypes",
        "PacketLog", "PolicyPlan", .hashTrees, .log, .lifecycle,
      ]),
    tests("Lab", ["LinuxKernel", "Netlink", "NetworkTypes"]),
    .testTarget(
      name: "ClusterTests",
      dependencies: ["SwitchboardTesting", "JSONTree", "KubernetesAPI", "Lab", "LinuxKernel", "NetworkTypes"],
      swiftSettings: strict),
  ]
)
