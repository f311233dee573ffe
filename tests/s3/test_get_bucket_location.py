import urllib.request

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials


def test_regions(account, s3, bucket, new_bucket):
    assert s3.get_bucket_location(Bucket=bucket)["LocationConstraint"] is None
    far = new_bucket(CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    for region in ["us-east-1", "eu-west-1"]:
        client = account.client("s3", region=region)
        assert client.get_bucket_location(Bucket=far)["LocationConstraint"] == "eu-west-1"


def test_the_answer_is_the_element_itself(account, new_bucket):
    far = new_bucket(CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    request = AWSRequest("GET", f"{account.cloud.endpoint}/{far}?location", headers={})
    S3SigV4Auth(Credentials(account.id, "test"), "s3", "us-east-1").add_auth(request)
    answer = urllib.request.urlopen(urllib.request.Request(request.url, headers=dict(request.headers)))
    assert answer.read().decode().endswith(
        '<LocationConstraint xmlns="http://s3.amazonaws.com/doc/2006-03-01/">eu-west-1</LocationConstraint>'
    )


def test_missing(s3, fails):
    assert fails(s3.get_bucket_location, Bucket="nobody-has-this-bucket")["Code"] == "NoSuchBucket"


def test_denied(denied, bucket):
    denied("get_bucket_location", "s3:GetBucketLocation", bucket, Bucket=bucket)
