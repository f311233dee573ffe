import http.client
import json

import pytest


def unsigned(cloud, host, path="/", method="GET"):
    connection = http.client.HTTPConnection("127.0.0.1", cloud.port, timeout=10)
    connection.request(method, path, headers={"Host": host})
    answer = connection.getresponse()
    return answer.status, answer.getheader("content-type"), answer.read().decode()


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("sts.us-east-1.amazonaws.com", "<Code>MissingAuthenticationToken</Code>"),
        ("sts.localhost", "<Code>MissingAuthenticationToken</Code>"),
        ("sts.localhost.localstack.cloud:4566", "<Code>MissingAuthenticationToken</Code>"),
        ("lambda.eu-west-1.amazonaws.com", '"message":"Missing Authentication Token"'),
        ("s3.localhost", "<Code>AccessDenied</Code>"),
        ("bucket.s3.us-east-1.amazonaws.com", "<BucketName>bucket</BucketName>"),
    ],
)
def test_the_host_names_the_service(cloud, host, expected):
    status, _, body = unsigned(cloud, host)
    # Without a signature S3 looks for the bucket first: its policy may let everybody in.
    assert status == (404 if host.startswith("bucket.") else 403)
    assert expected in body


def test_the_path_names_the_service(cloud):
    status, content_type, body = unsigned(cloud, "localhost", "/2015-03-31/functions/")
    assert (status, content_type) == (403, "application/json")
    assert json.loads(body)["message"] == "Missing Authentication Token"


def test_public_operations_under_a_foreign_name(cloud):
    path = "/?Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=arn:aws:iam::000000000000:role/r&RoleSessionName=abc&WebIdentityToken=abcd"
    status, _, body = unsigned(cloud, "rebound.example.com", path)
    assert status == 403
    assert "<Code>AccessDenied</Code>" in body
    status, _, body = unsigned(cloud, "localhost", path)
    assert status != 403, body
