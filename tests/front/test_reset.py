import json
import urllib.request

import pytest


def post(cloud, **headers):
    request = urllib.request.Request(f"{cloud.endpoint}/_nuage/reset", data=b"", headers=headers)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


def test_reset_empties_everything(own_cloud):
    cloud = own_cloud("--ephemeral")
    iam = cloud.client("iam")
    iam.create_user(UserName="somebody")
    assert post(cloud)["status"] == "reset"
    assert iam.list_users()["Users"] == []
    iam.create_user(UserName="somebody")
    assert [user["UserName"] for user in iam.list_users()["Users"]] == ["somebody"]


def test_not_by_a_web_page(own_cloud):
    cloud = own_cloud("--ephemeral")
    for headers in [
        {"Origin": "http://example.com"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Host": "rebound.example.com"},
    ]:
        with pytest.raises(urllib.error.HTTPError) as refused:
            post(cloud, **headers)
        assert refused.value.code == 403, headers
    assert post(cloud)["status"] == "reset"


def test_not_where_state_is_kept(own_cloud, tmp_path):
    cloud = own_cloud("--data-dir", tmp_path / "data")
    with pytest.raises(urllib.error.HTTPError) as refused:
        post(cloud)
    assert refused.value.code == 403
    assert "--ephemeral" in json.load(refused.value)["message"]
