"""What is on the disk is ciphertext, survives a kill, and goes when it is deleted."""

import hashlib


def files(directory):
    return [path for path in (directory / "blobs").iterdir() if path.is_file()]


def grep(directory, needle):
    return [path for path in directory.rglob("*") if path.is_file() and needle in path.read_bytes()]


def test_ciphertext_that_survives_a_kill(own_cloud, tmp_path, eventually):
    directory = tmp_path / "data"
    cloud = own_cloud("--data-dir", directory)
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket="secrets")
    body = b"the treasure lies below the oak " * 10_000
    s3.put_object(Bucket="secrets", Key="map", Body=body)
    s3.put_object(Bucket="secrets", Key="same", Body=body)
    cloud.kill()
    assert not grep(directory, b"treasure lies")
    assert len(files(directory)) == 2
    cloud.start()
    s3 = cloud.client("s3")
    got = s3.get_object(Bucket="secrets", Key="map")
    assert got["ETag"] == f'"{hashlib.md5(body).hexdigest()}"'
    assert got["Body"].read() == body
    s3.delete_object(Bucket="secrets", Key="map")
    s3.put_object(Bucket="secrets", Key="same", Body=b"other")
    eventually(lambda: len(files(directory)) == 1)
    assert s3.get_object(Bucket="secrets", Key="same")["Body"].read() == b"other"


def test_refused_uploads_leave_nothing(own_cloud, tmp_path, fails, eventually):
    directory = tmp_path / "data"
    s3 = own_cloud("--data-dir", directory).client("s3")
    s3.create_bucket(Bucket="secrets")
    assert fails(s3.put_object, Bucket="secrets", Key="k", Body=b"x", ContentMD5="AAAAAAAAAAAAAAAAAAAAAA==")["Code"] == "BadDigest"
    s3.put_object(Bucket="secrets", Key="k", Body=b"x")
    assert fails(s3.put_object, Bucket="secrets", Key="k", Body=b"y", IfNoneMatch="*")["Code"] == "PreconditionFailed"
    eventually(lambda: len(files(directory)) == 1)
    assert not list((directory / "blobs" / "incoming").iterdir())
