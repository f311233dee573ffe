"""Starting, ending and keeping state."""

import json
import os

import pytest
from botocore.exceptions import ClientError


def test_one_cloud_to_a_data_directory(own_cloud, tmp_path):
    data = tmp_path / "data"
    cloud = own_cloud("--data-dir", data)
    assert data.stat().st_mode & 0o777 == 0o700
    assert (data / "root.key").stat().st_mode & 0o777 == 0o600
    ended = cloud.nuage("up", "--port", "0", "--data-dir", data, check=False)
    assert ended.returncode == 1
    assert f"process {cloud.pid}" in ended.stderr
    ended = cloud.nuage("up", "--port", cloud.port, "--ephemeral", check=False)
    assert ended.returncode == 1
    assert "in use" in ended.stderr and "nuage status" in ended.stderr


def test_state_outlives_a_kill(own_cloud, tmp_path):
    cloud = own_cloud("--data-dir", tmp_path / "data")
    cloud.client("iam").create_user(UserName="lasting")
    session = cloud.client("sts").get_session_token()["Credentials"]
    cloud.kill()
    again = own_cloud("--data-dir", tmp_path / "data")
    assert [user["UserName"] for user in again.client("iam").list_users()["Users"]] == ["lasting"]
    key = (session["AccessKeyId"], session["SecretAccessKey"])
    sts = again.client("sts", *key, token=session["SessionToken"])
    assert sts.get_caller_identity()["Account"] == "000000000000"
    assert again.terminate() == 0


def test_the_key_of_the_data_directory(own_cloud, tmp_path):
    """What it sealed can not be read without it, and nothing is sealed with another beside."""
    data, key = tmp_path / "data", tmp_path / "data" / "root.key"
    cloud = own_cloud("--data-dir", data)
    assert cloud.terminate() == 0
    kept = key.read_bytes()

    def refused():
        ended = cloud.nuage("up", "--port", "0", "--data-dir", data, check=False)
        assert ended.returncode == 1
        assert "restore it from a backup" in ended.stderr
        return ended.stderr

    key.unlink()
    assert "root.key is missing" in refused()
    assert not key.exists()
    key.write_bytes(bytes(32))
    assert "root.key is not the key" in refused()
    key.write_bytes(kept)
    assert own_cloud("--data-dir", data).terminate() == 0


def test_what_is_wrong_is_told(own_cloud, tmp_path):
    (tmp_path / "nuage.toml").write_text('[runtimes]\n"python3.9" = "/nope"\n')
    cloud = own_cloud("--ephemeral", "--config", tmp_path / "nuage.toml")
    assert "/nope" in cloud.log() and "python3.9" in cloud.log()
    assert cloud.nuage("up", "--ephemeral", "--host-name", "a b", check=False).returncode == 2


def test_beyond_loopback(own_cloud, tmp_path):
    """Other machines can reach it, so the key that everybody knows counts for nobody."""
    cloud = own_cloud("--data-dir", tmp_path / "data", "--listen", "0.0.0.0")
    path = tmp_path / "data" / "root-credentials.json"
    assert path.stat().st_mode & 0o777 == 0o600
    key = json.loads(path.read_text())
    sts = cloud.client("sts", key["AccessKeyId"], key["SecretAccessKey"])
    assert sts.get_caller_identity()["Arn"] == "arn:aws:iam::000000000000:root"
    for known in ["test", "111122223333"]:
        with pytest.raises(ClientError, match="InvalidClientTokenId"):
            cloud.client("sts", known).get_caller_identity()


def test_port_file_and_end(own_cloud, tmp_path):
    cloud = own_cloud("--ephemeral", "--port-file", tmp_path / "port")
    assert int((tmp_path / "port").read_text()) == cloud.port
    assert cloud.terminate() == 0
    assert not os.path.exists(f"/proc/{cloud.pid}")
