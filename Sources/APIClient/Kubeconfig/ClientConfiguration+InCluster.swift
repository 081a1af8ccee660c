import Glibc

extension ClientConfiguration {
  /// What a pod gets from its ServiceAccount: the mounted token and CA, the address from its environment.
  ///
  /// Throws ``APIError`` outside of a pod.
  package static func inCluster(
    directory: String = "/var/run/secrets/kubernetes.io/serviceaccount",
    environment: (String) -> String? = { getenv($0).map { String(cString: $0) } }
  ) throws -> ClientConfiguration {
    guard let host = environment("KUBERNETES_SERVICE_HOST"), let port = environment("KUBERNETES_SERVICE_PORT"),
      let server = ServerAddress(url: "https://" + (host.contains(":") ? "[\(host)]" : host) + ":\(port)")
    else {
      throw APIError(
        .configuration,
        "KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set: this is no pod; "
          + "name a kubeconfig")
    }
    var configuration = ClientConfiguration(
      server: server,
      certificateAuthority: try FileContents.read("\(directory)/ca.crt", purpose: "the cluster's CA"),
      token: .file("\(directory)/token"))
    if let namespace = try? FileContents.read("\(directory)/namespace", purpose: "the namespace") {
      configuration.namespace = String(decoding: namespace, as: UTF8.self)
    }
    return configuration
  }
}

extension APIClient {
  /// Over HTTPS, as a kubeconfig file says.
  package static func connect(
    kubeconfig path: String, context: String? = nil, name: String = "switchboard"
  ) throws -> APIClient {
    let configuration = try Kubeconfig(path: path).configuration(context: context)
    return APIClient(transport: try HTTPTransport(configuration: configuration), name: name)
  }
}
