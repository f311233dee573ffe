"""What AWS itself answered, call by call.

Meant differences: `Owner` and `Initiator` are other accounts' there; requests ids vary.
"""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import oracle  # noqa: E402
from botocore.exceptions import ClientError  # noqa: E402

VARYING = {"ResponseMetadata", "Owner", "Initiator", "LastModified", "Initiated"}


@pytest.fixture
def case(account):
    def load(file, name, *different):
        return oracle.Case(oracle.load("s3", file, name), account.id, different={*different, *VARYING})

    return load


def error(call, **parameters):
    with pytest.raises(ClientError) as raised:
        call(**parameters)
    return raised.value.response


def read(answer):
    return {**answer, "Body": answer["Body"].read().decode()}


def test_ranges(s3, bucket, put, case):
    recorded = case("s3_api.json", "TestS3ObjectCRUD::test_get_object_range")
    put("key", b"0123456789")
    get = lambda header: s3.get_object(Bucket=bucket, Key="key", Range=header)
    for header in ["0-8", "1-1", "1-0", "1-", "-1-", "-2", "-9", "-15", "0--1", "0-0", "0-100", "-"]:
        recorded.check(f"get-{header}", read(get(f"bytes={header}")))
    for header in ["100-200", "-0"]:
        recorded.check(f"get-{header}", error(get, header=f"bytes={header}"))


def test_versioning(s3, bucket, case):
    recorded = case("s3_api.json", "TestS3BucketVersioning::test_bucket_versioning_crud")
    put = lambda **configuration: s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration=configuration)
    recorded.check("get-versioning-before", s3.get_bucket_versioning(Bucket=bucket))
    recorded.check("put-versioning-suspended-before", put(Status="Suspended"))
    recorded.check("put-versioning-enabled-lowercase", error(put, Status="enabled"))
    recorded.check("put-versioning-disabled", error(put, Status="Disabled"))
    recorded.check("put-versioning-empty", error(put))
    recorded.check("put-versioning-enabled-capitalized", put(Status="Enabled"))
    recorded.check("get-versioning-after-enabled", s3.get_bucket_versioning(Bucket=bucket))


def test_suspended(s3, bucket, put, case):
    recorded = case("s3_api.json", "TestS3ObjectCRUD::test_put_object_on_suspended_bucket")
    state = lambda status: s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": status})
    state("Enabled")
    for number in range(3):
        recorded.check(f"put-object-{number}", put("test-version", f"test-version-{number}".encode()))
    recorded.check("list-enabled", s3.list_object_versions(Bucket=bucket))
    state("Suspended")
    recorded.check("list-suspended", s3.list_object_versions(Bucket=bucket))
    recorded.check("put-object-suspended", put("test-version", b"test-version-suspended"))
    recorded.check("put-object-suspended-overwrite", put("test-version", b"test-version-suspended"))


def test_deleted_versions(s3, bucket, put, case):
    recorded = case("s3_api.json", "TestS3ObjectCRUD::test_delete_object_versioned")
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    key = {"Bucket": bucket, "Key": "test-delete"}
    version = put("test-delete", b"test-delete")["VersionId"]
    marker = s3.delete_object(**key)
    recorded.check("delete-object", marker)
    recorded.check("get-object-with-version", read(s3.get_object(**key, VersionId=version)))
    recorded.check("get-deleted-object", error(s3.get_object, **key))
    recorded.check("get-delete-marker", error(s3.get_object, **key, VersionId=marker["VersionId"]))
    recorded.check("delete-object-version", s3.delete_object(**key, VersionId=version))
    recorded.check("get-deleted-object-with-version", error(s3.get_object, **key, VersionId=version))


def test_lists(s3, bucket, put, case):
    recorded = case("s3_list_operations.json", "TestS3ListObjects::test_list_objects_marker_common_prefixes", "ETag")
    for key in ["folder/aSubfolder/subFile1", "folder/aSubfolder/subFile2", "folder/file1", "folder/file2"]:
        put(key, b"content key")
    recorded.check("list-objects-all-keys", s3.list_objects(Bucket=bucket))
    some = {"Bucket": bucket, "Prefix": "folder/", "Delimiter": "/", "MaxKeys": 1}
    recorded.check("list-objects-manual-first-file", s3.list_objects(**some, Marker="folder/aSubfolder/subFile1"))
    recorded.check("list-objects-end", s3.list_objects(**some, Marker="folder/file1"))
    recorded = case("s3_list_operations.json", "TestS3ListObjectsV2::test_list_objects_v2_continuation_common_prefixes", "ETag")
    recorded.check("list-objects-v2-all-keys", s3.list_objects_v2(Bucket=bucket))
    first = s3.list_objects_v2(**some)
    recorded.check("list-objects-v2-start", first)
    second = s3.list_objects_v2(**some, ContinuationToken=first["NextContinuationToken"])
    recorded.check("list-objects-v2-next-1", second)
    last = s3.list_objects_v2(**some, ContinuationToken=second["NextContinuationToken"])
    recorded.check("list-objects-v2-end", last)


def test_conditions(s3, bucket, put, case):
    recorded = case("s3.json", "TestS3::test_s3_get_object_preconditions[get_object]")
    etag = put("test-object", b"data")["ETag"]
    key = {"Bucket": bucket, "Key": "test-object"}
    recorded.check("precondition-if-match", error(s3.get_object, **key, IfMatch='"other"'))
    recorded.check("precondition-if-none-match", error(s3.get_object, **key, IfNoneMatch=etag))
    recorded.check("etag-missing-quotes", error(s3.get_object, **key, IfNoneMatch=etag.strip('"')))
    recorded.check("obj-success", read(s3.get_object(**key, IfMatch=etag)))


def test_uploads(s3, bucket, case):
    recorded = case("s3.json", "TestS3::test_multipart_and_list_parts", "Bucket")
    key = {"Bucket": bucket, "Key": "test-list-parts"}
    made = s3.create_multipart_upload(**key)
    recorded.check("create-multipart", made)
    upload = {**key, "UploadId": made["UploadId"]}
    recorded.check("list-all-uploads", s3.list_multipart_uploads(Bucket=bucket))
    recorded.check("list-part-after-created", s3.list_parts(**upload))
    sent = s3.upload_part(**upload, PartNumber=1, Body=b"upload-part-1" * 5)
    recorded.check("upload-part", sent)
    recorded.check("list-part-after-upload", s3.list_parts(**upload))
    parts = {"Parts": [{"PartNumber": 1, "ETag": sent["ETag"]}]}
    recorded.check("complete-multipart", s3.complete_multipart_upload(**upload, MultipartUpload=parts))
    recorded.check("list-part-after-complete-exc", error(s3.list_parts, **upload))
    recorded.check("list-all-uploads-completed", s3.list_multipart_uploads(Bucket=bucket))
    recorded.check("get-multipart-checksum", read(s3.get_object(**key)))


def test_public_access_block(s3, bucket, case):
    recorded = case("s3_api.json", "TestS3PublicAccessBlock::test_crud_public_access_block")
    recorded.check("get-default-public-access-block", s3.get_public_access_block(Bucket=bucket))
    s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration={"BlockPublicAcls": False})
    recorded.check("get-public-access-block", s3.get_public_access_block(Bucket=bucket))
    recorded.check("delete-public-access-block", s3.delete_public_access_block(Bucket=bucket))
    recorded.check("get-public-access-block-after-delete", error(s3.get_public_access_block, Bucket=bucket))
