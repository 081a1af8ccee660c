"""A pod's logs, commands in it, its first process's streams, and its ports."""

import base64
import json
import time

import websocket
from kubernetes import client, watch
from kubernetes.stream import portforward, stream

import scratch


def run_pod():
    core = client.CoreV1Api()
    container = client.V1Container(
        name="main", image="switchboard/busybox:1",
        command=["sh", "-c", "for i in 1 2 3; do echo line $i; done; sleep 86400"])
    core.create_namespaced_pod(
        NAMESPACE,
        client.V1Pod(
            metadata=client.V1ObjectMeta(name="p"),
            spec=client.V1PodSpec(containers=[container], termination_grace_period_seconds=0)))
    watcher = watch.Watch()
    for event in watcher.stream(
        core.list_namespaced_pod, NAMESPACE, field_selector="metadata.name=p", timeout_seconds=40):
        conditions = event["object"].status.conditions or []
        if any(condition.type == "Ready" and condition.status == "True" for condition in conditions):
            return
    raise AssertionError("the pod did not become ready")


def read_log(**options):
    # This client shows the bytes of a text as Python writes them; what came over the wire is behind it.
    return client.CoreV1Api().read_namespaced_pod_log("p", NAMESPACE, _preload_content=False, **options).data.decode()


def logs():
    core = client.CoreV1Api()
    # What a container has just written may take a moment to be in its log.
    for _ in range(100):
        text = read_log()
        if text.count("line") == 3:
            break
        time.sleep(0.1)
    assert text == "line 1\nline 2\nline 3\n", repr(text)
    assert read_log(tail_lines=1) == "line 3\n"
    watcher = watch.Watch()
    followed = []
    for line in watcher.stream(core.read_namespaced_pod_log, name="p", namespace=NAMESPACE):
        followed.append(line)
        if len(followed) == 3:
            watcher.stop()
            break
    assert followed == ["line 1", "line 2", "line 3"], followed


def execute(command, **options):
    core = client.CoreV1Api()
    return stream(
        core.connect_get_namespaced_pod_exec, "p", NAMESPACE, command=command, stderr=True, stdout=True,
        **{"stdin": False, "tty": False, **options})


def commands():
    text = execute(["echo", "here"])
    assert text == "here\n", repr(text)
    answer = execute(["sh", "-c", "echo out; echo err >&2; exit 3"], _preload_content=False)
    answer.run_forever(timeout=20)
    assert (answer.read_stdout(), answer.read_stderr(), answer.returncode) == ("out\n", "err\n", 3)
    shell = execute(["sh"], stdin=True, _preload_content=False)
    shell.write_stdin("echo $((6 * 7))\n")
    assert shell.readline_stdout(timeout=20) == "42"
    shell.write_stdin("exit 0\n")
    shell.run_forever(timeout=20)
    assert not shell.is_open() and shell.returncode == 0


def without_http():
    """A log and a watch in WebSockets, as browsers have them."""
    configuration = client.Configuration.get_default_copy()
    tls = {"ca_certs": configuration.ssl_ca_cert, "certfile": configuration.cert_file, "keyfile": configuration.key_file}
    root = configuration.host.replace("https://", "wss://") + f"/api/v1/namespaces/{NAMESPACE}"

    def connect(path, subprotocols):
        return websocket.create_connection(root + path, sslopt=tls, subprotocols=subprotocols, timeout=20)

    def rest(connection):
        parts = []
        while part := connection.recv():
            parts.append(part if isinstance(part, bytes) else part.encode())
        return parts

    assert b"".join(rest(connect("/pods/p/log", ["binary.k8s.io"]))) == b"line 1\nline 2\nline 3\n"
    encoded = rest(connect("/pods/p/log?tailLines=1", ["base64.binary.k8s.io"]))
    assert b"".join(base64.b64decode(part) for part in encoded) == b"line 3\n", encoded
    events = connect("/pods?watch=true&fieldSelector=metadata.name%3Dp", None)
    event = json.loads(events.recv())
    assert event["type"] == "ADDED" and event["object"]["metadata"]["name"] == "p", event
    events.close()
    try:
        connect("/pods/nothing/log", ["binary.k8s.io"])
    except websocket.WebSocketBadStatusException as error:
        assert error.status_code == 404, error
        return
    raise AssertionError("the log of no pod was given")


def attached():
    core = client.CoreV1Api()
    container = client.V1Container(
        name="main", image="switchboard/busybox:1", stdin=True,
        command=["sh", "-c", "while read line; do echo said $line; done"])
    core.create_namespaced_pod(
        NAMESPACE,
        client.V1Pod(
            metadata=client.V1ObjectMeta(name="listener"),
            spec=client.V1PodSpec(containers=[container], termination_grace_period_seconds=0)))
    for _ in range(200):
        if core.read_namespaced_pod("listener", NAMESPACE).status.phase == "Running":
            break
        time.sleep(0.2)
    joined = stream(
        core.connect_get_namespaced_pod_attach, "listener", NAMESPACE, container="main", stderr=True, stdin=True,
        stdout=True, tty=False, _preload_content=False)
    joined.write_stdin("hello\n")
    assert joined.readline_stdout(timeout=20) == "said hello"
    joined.close()
    # Who leaves does not end the container.
    time.sleep(0.5)
    assert core.read_namespaced_pod("listener", NAMESPACE).status.phase == "Running"


def ports():
    core = client.CoreV1Api()
    core.create_namespaced_pod(
        NAMESPACE,
        client.V1Pod(
            metadata=client.V1ObjectMeta(name="web"),
            spec=client.V1PodSpec(
                containers=[client.V1Container(
                    name="main", image="switchboard/busybox:1", command=["serve-hostname"],
                    readiness_probe=client.V1Probe(
                        period_seconds=1, http_get=client.V1HTTPGetAction(path="/", port=8080)))],
                termination_grace_period_seconds=0)))
    for _ in range(200):
        conditions = core.read_namespaced_pod("web", NAMESPACE).status.conditions or []
        if any(condition.type == "Ready" and condition.status == "True" for condition in conditions):
            break
        time.sleep(0.2)
    forward = portforward(core.connect_get_namespaced_pod_portforward, "web", NAMESPACE, ports="8080,81")
    socket = forward.socket(8080)
    socket.settimeout(20)
    socket.sendall(b"GET / HTTP/1.0\r\nHost: web\r\n\r\n")
    answer = b""
    while part := socket.recv(4096):
        answer += part
        if answer.endswith(b"web\n"):
            break
    assert answer.startswith(b"HTTP/1.") and b"web" in answer, answer
    for _ in range(100):
        if forward.error(81):
            break
        time.sleep(0.1)
    assert "error forwarding port 81 to pod web" in forward.error(81), forward.error(81)
    assert forward.error(8080) is None, forward.error(8080)
    forward.close()


if __name__ == "__main__":
    with scratch.namespace("python-streams") as NAMESPACE:
        scratch.main(run_pod, logs, without_http, commands, attached, ports)
