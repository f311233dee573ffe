import pytest


@pytest.fixture
def keys(put):
    names = ["a", "dir/1", "dir/2", "dir/sub/3", "dür/4", "z z+%"]
    for name in names:
        put(name, b"x")
    return names


def names(page):
    return [entry["Key"] for entry in page.get("Contents", [])], [p["Prefix"] for p in page.get("CommonPrefixes", [])]


def test_all(s3, bucket, keys):
    page = s3.list_objects_v2(Bucket=bucket)
    assert names(page) == (keys, [])
    assert (page["KeyCount"], page["MaxKeys"], page["IsTruncated"], page["Prefix"]) == (6, 1000, False, "")
    first = page["Contents"][0]
    assert (first["Size"], first["StorageClass"], first["ETag"]) == (1, "STANDARD", '"9dd4e461268c8034f5c8564e155c67a6"')
    assert first["ChecksumAlgorithm"] == ["CRC32"] and first["ChecksumType"] == "FULL_OBJECT"
    assert "Owner" not in first
    assert s3.list_objects_v2(Bucket=bucket, FetchOwner=True)["Contents"][0]["Owner"]["ID"]


def test_prefixes(s3, bucket, keys):
    assert names(s3.list_objects_v2(Bucket=bucket, Delimiter="/")) == (["a", "z z+%"], ["dir/", "dür/"])
    page = s3.list_objects_v2(Bucket=bucket, Prefix="dir/", Delimiter="/")
    assert names(page) == (["dir/1", "dir/2"], ["dir/sub/"])
    assert page["KeyCount"] == 3
    assert names(s3.list_objects_v2(Bucket=bucket, Prefix="none"))[0] == []


@pytest.mark.parametrize("size", [1, 2, 3, 5])
@pytest.mark.parametrize("delimiter", [{}, {"Delimiter": "/"}])
def test_pages(s3, bucket, keys, size, delimiter):
    whole = names(s3.list_objects_v2(Bucket=bucket, **delimiter))
    found = ([], [])
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, PaginationConfig={"PageSize": size}, **delimiter):
        assert page["KeyCount"] <= size
        for all_of_them, some in zip(found, names(page)):
            all_of_them += some
    assert found == whole


def test_start_after(s3, bucket, keys):
    assert names(s3.list_objects_v2(Bucket=bucket, StartAfter="dir/2"))[0] == keys[3:]
    assert s3.list_objects_v2(Bucket=bucket, StartAfter="dir/2")["StartAfter"] == "dir/2"


def test_many_versions_and_delete_markers(s3, versioned, put):
    for number in range(30):
        put("many", str(number).encode())
        put(f"gone/{number}", b"x")
        s3.delete_object(Bucket=versioned, Key=f"gone/{number}")
    put("z", b"x")
    assert names(s3.list_objects_v2(Bucket=versioned)) == (["many", "z"], [])
    assert names(s3.list_objects_v2(Bucket=versioned, Delimiter="/")) == (["many", "z"], [])


def test_more_than_a_page(account, bucket, s3, put):
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: put(f"{n:04}", b""), range(1010)))
    page = s3.list_objects_v2(Bucket=bucket)
    assert (page["KeyCount"], page["IsTruncated"]) == (1000, True)
    listed = account.aws("s3api", "list-objects-v2", "--bucket", bucket, "--query", "length(Contents)")
    assert listed == 1010


def test_bad_input(s3, bucket, fails):
    error = fails(s3.list_objects_v2, Bucket=bucket, ContinuationToken="nonsense")
    assert (error["Code"], error["ArgumentName"]) == ("InvalidArgument", "continuation-token")
    assert fails(s3.list_objects_v2, Bucket=bucket, MaxKeys=-1)["Code"] == "InvalidArgument"
    error = fails(s3.list_objects_v2, Bucket=bucket, EncodingType="value")
    assert error["Message"] == "Invalid Encoding Method specified in Request"
    assert fails(s3.list_objects_v2, Bucket="nobody-has-this-bucket")["BucketName"] == "nobody-has-this-bucket"


def test_conditions_of_policies(user, document, bucket, keys, fails):
    """Home directories: `s3:prefix` decides what may be listed."""
    policy = document("Allow", "s3:ListBucket", "*", Condition={"StringLike": {"s3:prefix": "dir/*"}})
    ann = user("ann", policy)("s3")
    assert names(ann.list_objects_v2(Bucket=bucket, Prefix="dir/"))[0] == keys[1:4]
    assert fails(ann.list_objects_v2, Bucket=bucket)["Code"] == "AccessDenied"
    assert fails(ann.list_objects_v2, Bucket=bucket, Prefix="a")["Code"] == "AccessDenied"


def test_denied(denied, bucket):
    denied("list_objects_v2", "s3:ListBucket", bucket, Bucket=bucket)
