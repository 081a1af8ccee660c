import SwitchboardTesting
import Testing

/// Pulls from a registry of a page of shell, which listens on a node's own loopback address: nothing leaves the lab.
@Suite(.serialized) struct ClusterImagePullTests {
  /// Makes an image of the shell alone, with one layer, that says `pulled`.
  private static let prepare = #"""
    mkdir -p /tmp/root/bin /tmp/reg && cp /usr/bin/busybox /tmp/root/bin/ && tar -C /tmp/root -cf /tmp/reg/layer .
    sum() { echo sha256:$(sha256sum /tmp/reg/$1 | cut -d ' ' -f 1); }
    size() { stat -c %s /tmp/reg/$1; }
    printf '{"architecture":"amd64","os":"linux","config":{"Cmd":["/bin/busybox","echo","pulled"]},"rootfs":{"type":"layers","diff_ids":["%s"]}}' $(sum layer) > /tmp/reg/config
    printf '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"%s","size":%s},"layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":"%s","size":%s}]}' $(sum config) $(size config) $(sum layer) $(size layer) > /tmp/reg/manifest
    for name in config layer manifest; do cp /tmp/reg/$name /tmp/reg/$(sum $name); done
    exec socat TCP-LISTEN:5000,bind=127.0.0.1,fork,reuseaddr EXEC:"sh /registry/answer.sh"
    """#

  /// Answers one request of the registry's interface (distribution-spec). `/v2/secret/` is for me:secret only.
  private static let answer = #"""
    end=$(printf '\r'); read -r method path rest; user=
    while read -r line; do
      line=${line%$end}; [ -n "$line" ] || break
      case $line in [Aa]uthorization:*) user=${line#*: } ;; esac
    done
    reply() {
      size=0; [ -z "$3" ] || size=$(stat -c %s "$3")
      printf 'HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %s\r\nConnection: close\r\n' "$1" "$2" $size
      [ -z "$4" ] || printf '%s\r\n' "$4"
      printf '\r\n'; [ "$method" = HEAD ] || [ -z "$3" ] || cat "$3"
      exit
    }
    case $path in
    /v2/secret/*) [ "$user" = "Basic bWU6c2VjcmV0" ] || reply '401 Unauthorized' text/plain '' 'WWW-Authenticate: Basic realm="me"' ;;
    esac
    type=application/vnd.oci.image.manifest.v1+json
    digest=$(sha256sum /tmp/reg/manifest | cut -d ' ' -f 1)
    case $path in
    */manifests/1) reply '200 OK' $type /tmp/reg/manifest "Docker-Content-Digest: sha256:$digest" ;;
    */manifests/sha256:*) [ -e /tmp/reg/${path##*/} ] && reply '200 OK' $type /tmp/reg/${path##*/} ;;
    */blobs/sha256:*) [ -e /tmp/reg/${path##*/} ] && reply '200 OK' application/octet-stream /tmp/reg/${path##*/} ;;
    /v2/) reply '200 OK' text/plain ;;
    esac
    reply '404 Not Found' text/plain
    """#

  private static var registry: String {
    func indented(_ text: String) -> String { text.split(separator: "\n").map { "    \($0)" }.joined(separator: "\n") }
    return """
      apiVersion: v1
      kind: ConfigMap
      metadata: {name: registry}
      data:
        prepare.sh: |
      \(indented(prepare))
        answer.sh: |
      \(indented(answer))
      ---
      apiVersion: v1
      kind: Pod
      metadata: {name: registry}
      spec:
        nodeName: node-1
        hostNetwork: true
        terminationGracePeriodSeconds: 0
        volumes: [{name: registry, configMap: {name: registry}}]
        containers:
        - name: main
          image: switchboard/busybox:1
          command: [sh, /registry/prepare.sh]
          volumeMounts: [{name: registry, mountPath: /registry}]
          readinessProbe: {tcpSocket: {port: 5000, host: 127.0.0.1}, periodSeconds: 1}
      """
  }

  private func pod(_ name: String, _ image: String, _ more: String = "") -> String {
    """
    apiVersion: v1
    kind: Pod
    metadata: {name: \(name)}
    spec:
      nodeName: node-1
      restartPolicy: Never
    \(more)
      containers: [{name: main, image: "\(image)", imagePullPolicy: IfNotPresent}]
    """
  }

  @Test func imagesArePulledAndRefusalsSaid() throws {
    try SharedLab.withNamespace("pulls") { lab in
      func kubectl(_ arguments: String...) throws -> String { try lab.kubectl(in: "pulls", arguments) }
      try lab.kubectl("-n", "pulls", "apply", "-f", "-", input: Self.registry)
      _ = try kubectl("wait", "--for=condition=Ready", "pod/registry", "--timeout=30s")
      _ = try kubectl(
        "create", "secret", "docker-registry", "mine", "--docker-server=127.0.0.1:5000", "--docker-username=me",
        "--docker-password=secret")
      _ = try kubectl("create", "serviceaccount", "known")
      _ = try kubectl("patch", "serviceaccount", "known", "-p", #"{"imagePullSecrets":[{"name":"mine"}]}"#)
      try lab.kubectl(
        "-n", "pulls", "apply", "-f", "-",
        input: Manifest.all(
          pod("open", "127.0.0.1:5000/open:1"), pod("missing", "127.0.0.1:5000/open:none"),
          pod("stranger", "127.0.0.1:5000/secret/app:1"), pod("misnamed", "127.0.0.1:5000/Open:1")))
      func message(_ name: String, _ reason: String) throws -> String {
        let path = "{.status.containerStatuses[0].state.waiting"
        _ = try kubectl("wait", "--for=jsonpath=\(path).reason}=\(reason)", "pod/\(name)", "--timeout=30s")
        return try kubectl("get", "pod", name, "-o", "jsonpath=\(path).message}")
      }
      _ = try kubectl("wait", "--for=jsonpath={.status.phase}=Succeeded", "pod/open", "--timeout=30s")
      #expect(try kubectl("logs", "open") == "pulled")
      let missing = try message("missing", "ImagePullBackOff")
      #expect(
        missing.hasPrefix(
          "Back-off pulling image \"127.0.0.1:5000/open:none\": ErrImagePull: rpc error: code = NotFound desc = "),
        "\(missing)")
      let stranger = try message("stranger", "ImagePullBackOff")
      #expect(stranger.contains("ErrImagePull: rpc error: code = Unknown desc = "), "\(stranger)")
      #expect(stranger.contains("authorization failed") || stranger.contains("401"), "\(stranger)")
      #expect(try message("misnamed", "InvalidImageName").contains("must be lowercase"))

      // The account's secret comes into the pod, and with it the image.
      try lab.kubectl(
        "-n", "pulls", "apply", "-f", "-",
        input: pod("known", "127.0.0.1:5000/secret/app:1", "  serviceAccountName: known"))
      _ = try kubectl("wait", "--for=jsonpath={.status.phase}=Succeeded", "pod/known", "--timeout=30s")
      #expect(try kubectl("logs", "known") == "pulled")
      let events = try kubectl("get", "events", "--field-selector", "involvedObject.name=known", "-o", "yaml")
      #expect(events.contains("Successfully pulled image \"127.0.0.1:5000/secret/app:1\""))
    }
  }
}
