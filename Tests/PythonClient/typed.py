"""The typed client: objects of several kinds, every patch format, refusals, lists in pages."""

import base64

from kubernetes import client

import scratch


def pod(name, **spec):
    container = client.V1Container(name="main", image="switchboard/busybox:1", command=["sleep", "86400"])
    return client.V1Pod(
        metadata=client.V1ObjectMeta(name=name, labels={"app": name}),
        spec=client.V1PodSpec(containers=[container], termination_grace_period_seconds=0, **spec))


def config_maps():
    core = client.CoreV1Api()
    made = core.create_namespaced_config_map(
        NAMESPACE, client.V1ConfigMap(metadata=client.V1ObjectMeta(generate_name="m-"), data={"a": "1"}))
    name = made.metadata.name
    assert name.startswith("m-") and len(name) == 7 and made.metadata.uid and made.metadata.creation_timestamp
    made.data["b"] = "2"
    replaced = core.replace_namespaced_config_map(name, NAMESPACE, made)
    assert replaced.data == {"a": "1", "b": "2"}
    with scratch.refused(409, "Conflict"):
        core.replace_namespaced_config_map(name, NAMESPACE, made)  # with the first resourceVersion
    with scratch.refused(409, "AlreadyExists"):
        core.create_namespaced_config_map(NAMESPACE, client.V1ConfigMap(metadata=client.V1ObjectMeta(name=name)))
    dry = core.patch_namespaced_config_map(name, NAMESPACE, {"data": {"c": "3"}}, dry_run="All")
    assert dry.data["c"] == "3" and "c" not in core.read_namespaced_config_map(name, NAMESPACE).data
    assert core.delete_namespaced_config_map(name, NAMESPACE).status == "Success"
    with scratch.refused(404, "NotFound"):
        core.read_namespaced_config_map(name, NAMESPACE)


def secrets_and_services():
    core = client.CoreV1Api()
    secret = core.create_namespaced_secret(
        NAMESPACE, client.V1Secret(metadata=client.V1ObjectMeta(name="s"), string_data={"word": "open"}))
    assert base64.b64decode(secret.data["word"]) == b"open" and secret.type == "Opaque" and secret.string_data is None
    service = core.create_namespaced_service(
        NAMESPACE,
        client.V1Service(
            metadata=client.V1ObjectMeta(name="web"),
            spec=client.V1ServiceSpec(selector={"app": "web"}, ports=[client.V1ServicePort(port=80)])))
    assert service.spec.cluster_ip and service.spec.ports[0].target_port == 80 and service.spec.type == "ClusterIP"
    service.spec.ports[0].port = 0
    with scratch.refused(422, "Invalid"):
        core.replace_namespaced_service("web", NAMESPACE, service)
    core.delete_namespaced_service("web", NAMESPACE)


def patches():
    apps = client.AppsV1Api()
    template = client.V1PodTemplateSpec(metadata=client.V1ObjectMeta(labels={"app": "p"}), spec=pod("p").spec)
    template.spec.termination_grace_period_seconds = None
    apps.create_namespaced_deployment(
        NAMESPACE,
        client.V1Deployment(
            metadata=client.V1ObjectMeta(name="p"),
            spec=client.V1DeploymentSpec(
                replicas=0, selector=client.V1LabelSelector(match_labels={"app": "p"}), template=template)))

    def patch(body, content_type):
        return apps.patch_namespaced_deployment("p", NAMESPACE, body, _content_type=content_type)

    # Strategic: a container is found by its name.
    containers = {"containers": [{"name": "main", "env": [{"name": "A", "value": "1"}]}]}
    patched = patch({"spec": {"template": {"spec": containers}}}, "application/strategic-merge-patch+json")
    assert patched.spec.template.spec.containers[0].image == "switchboard/busybox:1"
    assert patched.spec.template.spec.containers[0].env[0].value == "1"
    # Merge: null removes, a list replaces the list.
    patched = patch({"metadata": {"annotations": {"x": "y"}}}, "application/merge-patch+json")
    assert patched.metadata.annotations["x"] == "y"
    patched = patch({"metadata": {"annotations": {"x": None}}}, "application/merge-patch+json")
    assert "x" not in (patched.metadata.annotations or {})
    # JSON: a list of operations.
    path = "/spec/template/spec/containers/0/env/0/value"
    patched = patch(
        [{"op": "test", "path": path, "value": "1"}, {"op": "replace", "path": path, "value": "2"}],
        "application/json-patch+json")
    assert patched.spec.template.spec.containers[0].env[0].value == "2"
    with scratch.refused(422, "Invalid"):
        patch([{"op": "test", "path": path, "value": "1"}], "application/json-patch+json")
    scale = apps.patch_namespaced_deployment_scale("p", NAMESPACE, {"spec": {"replicas": 1}})
    assert scale.spec.replicas == 1
    assert apps.read_namespaced_deployment("p", NAMESPACE).spec.replicas == 1
    apps.delete_namespaced_deployment("p", NAMESPACE, propagation_policy="Foreground")


def other_kinds():
    metadata = client.V1ObjectMeta(name="k")
    batch = client.BatchV1Api()
    template = client.V1PodTemplateSpec(spec=pod("k", restart_policy="Never").spec)
    batch.create_namespaced_job(
        NAMESPACE, client.V1Job(metadata=metadata, spec=client.V1JobSpec(template=template, suspend=True)))
    job = batch.read_namespaced_job("k", NAMESPACE)
    assert job.spec.suspend and job.spec.backoff_limit == 6 and job.spec.selector.match_labels
    networking = client.NetworkingV1Api()
    networking.create_namespaced_network_policy(
        NAMESPACE,
        client.V1NetworkPolicy(
            metadata=metadata, spec=client.V1NetworkPolicySpec(pod_selector=client.V1LabelSelector())))
    assert networking.read_namespaced_network_policy("k", NAMESPACE).spec.policy_types == ["Ingress"]
    lease = client.CoordinationV1Api().create_namespaced_lease(
        NAMESPACE, client.V1Lease(metadata=metadata, spec=client.V1LeaseSpec(holder_identity="me")))
    assert lease.spec.holder_identity == "me"


def pages_and_selectors():
    core = client.CoreV1Api()
    for number in range(7):
        core.create_namespaced_config_map(
            NAMESPACE,
            client.V1ConfigMap(metadata=client.V1ObjectMeta(name=f"page-{number}", labels={"odd": str(number % 2)})))
    names, token = [], None
    while True:
        page = core.list_namespaced_config_map(NAMESPACE, limit=3, label_selector="odd", _continue=token)
        names += [item.metadata.name for item in page.items]
        token = page.metadata._continue
        if not token:
            break
    assert names == [f"page-{number}" for number in range(7)], names
    assert len(core.list_namespaced_config_map(NAMESPACE, label_selector="odd in (1)").items) == 3
    core.delete_collection_namespaced_config_map(NAMESPACE, label_selector="odd=1")
    assert len(core.list_namespaced_config_map(NAMESPACE, label_selector="odd").items) == 4


if __name__ == "__main__":
    with scratch.namespace("python-typed") as NAMESPACE:
        scratch.main(config_maps, secrets_and_services, patches, other_kinds, pages_and_selectors)
