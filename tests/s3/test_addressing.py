"""Where a bucket's name stands, and signatures in URLs."""

import time
import urllib.error
import urllib.request

import botocore.config
import pytest


def fetch(url, method="GET", data=None, headers=None, host=None):
    """Names below `localhost` lead here on every machine, but not through every resolver: they are sent by hand."""
    headers = dict(headers or {})
    if host:
        headers["host"] = host
    request = urllib.request.Request(url, data=data, method=method, headers=headers)
    try:
        return urllib.request.urlopen(request)
    except urllib.error.HTTPError as error:
        return error


def through(client, cloud, name):
    """Sends the client's requests here, whatever host their URL has; `name` is the endpoint's."""

    def redirect(request, **_):
        scheme, _, rest = request.url.partition("://")
        host, slash, path = rest.partition("/")
        request.headers["host"] = host
        request.url = f"{scheme}://127.0.0.1:{cloud.port}{slash}{path}"

    client.meta.events.register("before-send.s3", redirect)
    return client


@pytest.mark.parametrize("endpoint", ["localhost", "s3.localhost", "s3.us-east-1.localhost", "s3.localhost.localstack.cloud", "s3.us-east-1.amazonaws.com"])
def test_virtual_hosts(account, bucket, put, endpoint):
    import boto3

    put("a b/c", b"body")
    session = boto3.session.Session(account.id, "test", region_name="us-east-1")
    config = botocore.config.Config(s3={"addressing_style": "virtual"}, retries={"total_max_attempts": 1})
    client = session.client("s3", endpoint_url=f"http://{endpoint}:{account.cloud.port}", config=config)
    client = through(client, account.cloud, endpoint)
    assert client.get_object(Bucket=bucket, Key="a b/c")["Body"].read() == b"body"
    client.put_object(Bucket=bucket, Key="new", Body=b"x" * 100_000)
    assert client.list_objects_v2(Bucket=bucket)["KeyCount"] == 2
    client.delete_object(Bucket=bucket, Key="new")
    assert client.head_bucket(Bucket=bucket)


def test_presigned(s3, signer, bucket, put):
    client = signer()
    put("a b/ü", b"body", ContentType="x/y")
    parameters = {"Bucket": bucket, "Key": "a b/ü", "ResponseContentType": "z/z"}
    url = client.generate_presigned_url("get_object", Params=parameters)
    answer = fetch(url)
    assert (answer.read(), answer.headers["content-type"]) == (b"body", "z/z")
    assert fetch(url.replace("Signature=", "Signature=0")).status == 403
    assert b"SignatureDoesNotMatch" in fetch(url, method="DELETE").read()
    url = client.generate_presigned_url("put_object", Params={"Bucket": bucket, "Key": "new", "Metadata": {"k": "v"}})
    answer = fetch(url, method="PUT", data=b"sent", headers={"x-amz-meta-k": "v"})
    assert answer.status == 200, answer.read()
    got = s3.get_object(Bucket=bucket, Key="new")
    assert (got["Body"].read(), got["Metadata"]) == (b"sent", {"k": "v"})


def test_presigned_with_unsigned_headers(signer, bucket):
    url = signer().generate_presigned_url("put_object", Params={"Bucket": bucket, "Key": "new"})
    answer = fetch(url, method="PUT", data=b"sent", headers={"x-amz-meta-wrong": "v"}).read()
    assert b"There were headers present in the request which were not signed" in answer
    assert b"<HeadersNotSigned>x-amz-meta-wrong</HeadersNotSigned>" in answer


def test_expired(signer, bucket, put):
    put("key", b"body")
    url = signer().generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "key"}, ExpiresIn=1)
    assert fetch(url).status == 200
    time.sleep(2.1)
    answer = fetch(url)
    assert answer.status == 403 and b"<Message>Request has expired</Message>" in answer.read()


def test_the_older_signature_is_named(s3, bucket, put):
    put("key", b"body")
    url = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "key"})
    assert "AWSAccessKeyId" in url
    answer = fetch(url)
    assert answer.status == 400 and b"Please use AWS4-HMAC-SHA256" in answer.read()


def test_presigned_denied(account, bucket, put):
    put("key", b"body")
    iam = account.client("iam")
    iam.create_user(UserName="other")
    key = iam.create_access_key(UserName="other")["AccessKey"]
    secret = {"access_key_id": key["AccessKeyId"], "secret": key["SecretAccessKey"]}
    other = account.cloud.client("s3", **secret, signature_version="s3v4")
    url = other.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "key"})
    assert "X-Amz-Signature" in url
    assert b"<Code>AccessDenied</Code>" in fetch(url).read()


def test_elsewhere(account, signer, bucket, put):
    put("key", b"x")
    tokyo = account.client("s3", region="ap-northeast-1")
    # boto3 follows where the bucket is, as it does on AWS.
    assert tokyo.get_object(Bucket=bucket, Key="key")["Body"].read() == b"x"
    tokyo = signer(region="ap-northeast-1")
    url = tokyo.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "key"})
    opener = urllib.request.build_opener(NoRedirect)
    with pytest.raises(urllib.error.HTTPError) as error:
        opener.open(url)
    assert error.value.status == 301
    assert error.value.headers["x-amz-bucket-region"] == "us-east-1"
    assert b"<Code>PermanentRedirect</Code>" in error.value.read()


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None
