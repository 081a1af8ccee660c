"""Watches: from a list, resumed from a resourceVersion, ended by a timeout, and refused with 410."""

from kubernetes import client, watch

import scratch


def make(name):
    return client.CoreV1Api().create_namespaced_config_map(
        NAMESPACE, client.V1ConfigMap(metadata=client.V1ObjectMeta(name=name, labels={"of": "watch"})))


def from_a_list():
    core = client.CoreV1Api()
    make("a")
    listed = core.list_namespaced_config_map(NAMESPACE, label_selector="of=watch")
    assert [item.metadata.name for item in listed.items] == ["a"]
    make("b")
    core.patch_namespaced_config_map("a", NAMESPACE, {"data": {"x": "1"}})
    core.delete_namespaced_config_map("b", NAMESPACE)
    events = []
    watcher = watch.Watch()
    for event in watcher.stream(
        core.list_namespaced_config_map, NAMESPACE, label_selector="of=watch",
        resource_version=listed.metadata.resource_version, timeout_seconds=30):
        events.append((event["type"], event["object"].metadata.name))
        if len(events) == 3:
            watcher.stop()
    assert events == [("ADDED", "b"), ("MODIFIED", "a"), ("DELETED", "b")], events


def resumed():
    """A watch that ends and is begun again where it ended sees each change once."""
    core = client.CoreV1Api()
    version = core.list_namespaced_config_map(NAMESPACE).metadata.resource_version
    seen = []
    for number in range(6):
        make(f"r{number}")
    while len(seen) < 6:
        watcher = watch.Watch()
        for event in watcher.stream(
            core.list_namespaced_config_map, NAMESPACE, resource_version=version, timeout_seconds=30):
            seen.append(event["object"].metadata.name)
            version = event["object"].metadata.resource_version
            if len(seen) % 2 == 0:
                watcher.stop()
    assert seen == [f"r{number}" for number in range(6)], seen


def timed_out():
    """The client's own loop over a watch that the server ends."""
    core = client.CoreV1Api()
    version = core.list_namespaced_config_map(NAMESPACE).metadata.resource_version
    assert list(
        watch.Watch().stream(
            core.list_namespaced_config_map, NAMESPACE, resource_version=version, timeout_seconds=1)) == []


def too_old():
    """After more changes than the server keeps, the first of them are gone: 410, and the client lists anew."""
    core = client.CoreV1Api()
    version = core.list_namespaced_config_map(NAMESPACE).metadata.resource_version
    make("large")
    for number in range(100):
        core.patch_namespaced_config_map("large", NAMESPACE, {"data": {"x": str(number) + 65536 * "x"}})
    try:
        for _ in watch.Watch().stream(
            core.list_namespaced_config_map, NAMESPACE, resource_version=version, timeout_seconds=10):
            raise AssertionError("an event that the server cannot know any more")
    except client.exceptions.ApiException as error:
        assert error.status == 410 and "too old resource version" in error.reason, error
    version = core.list_namespaced_config_map(NAMESPACE).metadata.resource_version
    make("after")
    watcher = watch.Watch()
    for event in watcher.stream(
        core.list_namespaced_config_map, NAMESPACE, resource_version=version, timeout_seconds=30):
        assert event["object"].metadata.name == "after"
        watcher.stop()


if __name__ == "__main__":
    with scratch.namespace("python-watch") as NAMESPACE:
        scratch.main(from_a_list, resumed, timed_out, too_old)
