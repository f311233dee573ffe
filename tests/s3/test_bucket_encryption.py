import pytest


def rules(algorithm, **parameters):
    default = {"SSEAlgorithm": algorithm, **parameters.pop("default", {})}
    return {"Rules": [{"ApplyServerSideEncryptionByDefault": default, **parameters}]}


@pytest.fixture
def key(account):
    return account.client("kms").create_key()["KeyMetadata"]


def test_default(s3, bucket):
    get = lambda: s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]
    usual = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": False}]}
    assert get() == usual
    s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration=rules("aws:kms", BucketKeyEnabled=True))
    assert get() == rules("aws:kms", BucketKeyEnabled=True)
    s3.delete_bucket_encryption(Bucket=bucket)
    assert get() == usual


def test_with_the_account_s_own_key(s3, bucket, put, account):
    s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration=rules("aws:kms", BucketKeyEnabled=True))
    made = put("key", b"test-encrypted")
    managed = account.client("kms").describe_key(KeyId="alias/aws/s3")["KeyMetadata"]
    for answer in [made, s3.get_object(Bucket=bucket, Key="key"), s3.head_object(Bucket=bucket, Key="key")]:
        assert (answer["ServerSideEncryption"], answer["SSEKMSKeyId"], answer["BucketKeyEnabled"]) == ("aws:kms", managed["Arn"], True)
    assert managed["KeyManager"] == "AWS"


def test_with_a_key_of_the_customer(s3, bucket, put, key, account, fails):
    put("key", b"body" * 50_000, ServerSideEncryption="aws:kms", SSEKMSKeyId=key["KeyId"])
    got = s3.get_object(Bucket=bucket, Key="key")
    assert (got["Body"].read(), got["SSEKMSKeyId"]) == (b"body" * 50_000, key["Arn"])
    assert "BucketKeyEnabled" not in got
    s3.copy_object(Bucket=bucket, Key="copy", CopySource=f"{bucket}/key")
    assert s3.head_object(Bucket=bucket, Key="copy")["ServerSideEncryption"] == "AES256"
    account.client("kms").disable_key(KeyId=key["KeyId"])
    error = fails(s3.get_object, Bucket=bucket, Key="key")
    assert (error["Code"], error["Message"], error["Status"]) == ("KMS.DisabledException", f"{key['Arn']} is disabled.", 400)
    assert s3.get_object(Bucket=bucket, Key="copy")["Body"].read() == b"body" * 50_000


def test_the_key_decides_too(s3, bucket, put, key, user, document, fails, account):
    put("key", b"body", ServerSideEncryption="aws:kms", SSEKMSKeyId=key["KeyId"])
    reader = user("reader", document("Allow", "s3:*", "*"))("s3")
    error = fails(reader.get_object, Bucket=bucket, Key="key")
    assert error["Code"] == "AccessDenied" and "kms:Decrypt" in error["Message"]
    error = fails(reader.put_object, Bucket=bucket, Key="k", ServerSideEncryption="aws:kms", SSEKMSKeyId=key["KeyId"])
    assert error["Code"] == "AccessDenied" and "kms:GenerateDataKey" in error["Message"]
    trusted = user("trusted", document("Allow", ["s3:*", "kms:Decrypt"], "*"))("s3")
    assert trusted.get_object(Bucket=bucket, Key="key")["Body"].read() == b"body"


def test_parts(s3, bucket, key):
    made = s3.create_multipart_upload(Bucket=bucket, Key="key", ServerSideEncryption="aws:kms", SSEKMSKeyId=key["KeyId"])
    assert made["SSEKMSKeyId"] == key["Arn"]
    upload = {"Bucket": bucket, "Key": "key", "UploadId": made["UploadId"]}
    etag = s3.upload_part(**upload, PartNumber=1, Body=b"x")["ETag"]
    s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": etag}]})
    assert s3.get_object(Bucket=bucket, Key="key")["Body"].read() == b"x"


def test_bad_input(s3, bucket, put, fails):
    error = fails(put, key="k", ServerSideEncryption="aws:kms", SSEKMSKeyId="134f2428-cec1-4b25-a1ae-9048164dba47")
    assert (error["Code"], error["Status"]) == ("KMS.NotFoundException", 400)
    assert "134f2428-cec1-4b25-a1ae-9048164dba47' does not exist" in error["Message"]
    assert fails(put, key="k", ServerSideEncryption="AES256", SSEKMSKeyId="x")["Code"] == "InvalidArgument"
    error = fails(s3.put_bucket_encryption, Bucket=bucket, ServerSideEncryptionConfiguration=rules("AES512"))
    assert error["Code"] == "MalformedXML"
    assert fails(put, key="k", SSECustomerAlgorithm="AES256", SSECustomerKey="k" * 32)["Code"] == "NotImplemented"


def test_denied(denied, bucket):
    denied("get_bucket_encryption", "s3:GetEncryptionConfiguration", bucket, Bucket=bucket)
    denied("delete_bucket_encryption", "s3:PutEncryptionConfiguration", bucket, Bucket=bucket)
    denied("put_bucket_encryption", "s3:PutEncryptionConfiguration", bucket, Bucket=bucket, ServerSideEncryptionConfiguration=rules("AES256"))
