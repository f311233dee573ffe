import json
import urllib.request

import pytest


def get(cloud, path, **headers):
    request = urllib.request.Request(cloud.endpoint + path, headers=headers)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


def test_nuage_health(cloud):
    health = get(cloud, "/_nuage/health")
    assert health["status"] == "running"
    assert health["ephemeral"] is True
    assert health["version"] == cloud.ready["version"]
    assert health["uptime_ms"] >= 0
    assert health["services"]["sts"] == "running"
    assert health["services"]["sqs"] == "not built"


def test_localstack_health(cloud):
    health = get(cloud, "/_localstack/health")
    assert set(health) == {"services", "edition", "version"}
    assert health["services"]["sts"] == "running"
    assert health["services"]["sqs"] == "disabled"


@pytest.mark.parametrize("path", ["/_nuage/health", "/_localstack/health"])
def test_not_under_a_foreign_name(cloud, path):
    """A page whose name an attacker has pointed at this machine must not read anything here."""
    for host in ["example.com", f"rebound.example.com:{cloud.port}"]:
        with pytest.raises(urllib.error.HTTPError) as refused:
            get(cloud, path, Host=host)
        assert refused.value.code == 403
    for host in ["localhost", f"127.0.0.1:{cloud.port}", "x.localhost.localstack.cloud", "[::1]"]:
        assert get(cloud, path, Host=host)["version"]


def test_unknown_paths_and_methods(cloud):
    for method, path, status in [
        ("GET", "/_nuage/nonsense", 404),
        ("POST", "/_nuage/health", 405),
        ("GET", "/_nuage/reset", 405),
    ]:
        request = urllib.request.Request(cloud.endpoint + path, method=method)
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(request, timeout=10)
        assert refused.value.code == status
