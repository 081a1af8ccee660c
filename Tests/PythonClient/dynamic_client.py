"""The dynamic client: discovery, server-side apply with conflicts, watch."""

from kubernetes import client, dynamic
from kubernetes.dynamic.exceptions import ConflictError, NotFoundError, ResourceNotFoundError

import scratch


def discovery():
    for version, kind, namespaced in [
        ("v1", "ConfigMap", True), ("v1", "Node", False), ("apps/v1", "Deployment", True),
        ("discovery.k8s.io/v1", "EndpointSlice", True), ("networking.k8s.io/v1", "NetworkPolicy", True),
    ]:
        resource = DYNAMIC.resources.get(api_version=version, kind=kind)
        assert resource.namespaced == namespaced and "watch" in resource.verbs, resource
    try:
        DYNAMIC.resources.get(api_version="nothing.example/v1", kind="Thing")
    except ResourceNotFoundError:
        return
    raise AssertionError("a kind was found that is not served")


def applied():
    maps = DYNAMIC.resources.get(api_version="v1", kind="ConfigMap")
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": {"x": "1", "y": "1"}}
    made = maps.server_side_apply(body=body, namespace=NAMESPACE, field_manager="first")
    assert made.data.x == "1" and made.metadata.managedFields[0].manager == "first"
    changed = {**body, "data": {"x": "2"}}
    try:
        maps.server_side_apply(body=changed, namespace=NAMESPACE, field_manager="second")
        raise AssertionError("a field of another manager was taken without force")
    except ConflictError as error:
        assert 'conflict with \\"first\\"' in str(error.body), error.body
    taken = maps.server_side_apply(body=changed, namespace=NAMESPACE, field_manager="second", force_conflicts=True)
    assert taken.data.to_dict() == {"x": "2", "y": "1"}
    # What the first one no longer names goes.
    left = maps.server_side_apply(
        body={**body, "data": {}}, namespace=NAMESPACE, field_manager="first")
    assert left.data.to_dict() == {"x": "2"}, left.data
    patched = maps.patch(
        body={"data": {"z": "3"}}, name="a", namespace=NAMESPACE, content_type="application/merge-patch+json")
    assert patched.data.z == "3"


def watched():
    maps = DYNAMIC.resources.get(api_version="v1", kind="ConfigMap")
    version = maps.get(namespace=NAMESPACE).metadata.resourceVersion
    maps.create(body={"metadata": {"name": "w"}}, namespace=NAMESPACE)
    for event in maps.watch(namespace=NAMESPACE, resource_version=version, timeout=30):
        assert event["type"] == "ADDED" and event["object"].metadata.name == "w"
        break
    maps.delete(name="w", namespace=NAMESPACE)
    try:
        maps.get(name="w", namespace=NAMESPACE)
        raise AssertionError("a deleted object was read")
    except NotFoundError:
        pass


if __name__ == "__main__":
    with scratch.namespace("python-dynamic") as NAMESPACE:
        DYNAMIC = dynamic.DynamicClient(client.ApiClient())
        scratch.main(discovery, applied, watched)
