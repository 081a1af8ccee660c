"""What the scripts share: a namespace of their own, and an expectation of a refusal."""

import contextlib
import os
import sys

from kubernetes import client, config


@contextlib.contextmanager
def namespace(name):
    """A namespace that is deleted at the end, with the client's configuration loaded."""
    config.load_kube_config(os.environ["KUBECONFIG"])
    core = client.CoreV1Api()
    core.create_namespace(client.V1Namespace(metadata=client.V1ObjectMeta(name=name)))
    try:
        yield name
    finally:
        core.delete_namespace(name)


@contextlib.contextmanager
def refused(status, reason):
    """The body has to be refused by the server with this code and reason."""
    import json

    try:
        yield
    except client.exceptions.ApiException as error:
        body = json.loads(error.body)
        assert error.status == status and body["reason"] == reason and body["kind"] == "Status", error
    else:
        raise AssertionError(f"was not refused with {status} {reason}")


def main(*tests):
    """Runs the tests and names each; the first failure ends the script with its trace."""
    for test in tests:
        test()
        print(f"passed: {test.__name__}")
    sys.stdout.flush()
