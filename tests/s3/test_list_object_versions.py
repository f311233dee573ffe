def test_pages(s3, versioned, put):
    for key in ["b", "a", "dir/c"]:
        put(key, b"1")
        put(key, b"2")
    s3.delete_object(Bucket=versioned, Key="b")
    whole = s3.list_object_versions(Bucket=versioned)
    shown = [(v["Key"], v["IsLatest"]) for v in whole["Versions"]]
    assert shown == [("a", True), ("a", False), ("b", False), ("b", False), ("dir/c", True), ("dir/c", False)]
    (marker,) = whole["DeleteMarkers"]
    assert (marker["Key"], marker["IsLatest"]) == ("b", True)
    assert (whole["KeyMarker"], whole["VersionIdMarker"], whole["Prefix"]) == ("", "", "")
    for size in [1, 2, 3, 5]:
        found = []
        pages = s3.get_paginator("list_object_versions").paginate(Bucket=versioned, PaginationConfig={"PageSize": size})
        for page in pages:
            both = page.get("Versions", []) + page.get("DeleteMarkers", [])
            assert len(both) <= size
            found += [(v["Key"], v["VersionId"], v["IsLatest"]) for v in both]
        everything = whole["Versions"] + whole["DeleteMarkers"]
        assert sorted(found) == sorted((v["Key"], v["VersionId"], v["IsLatest"]) for v in everything)
    folders = s3.list_object_versions(Bucket=versioned, Delimiter="/")
    assert [p["Prefix"] for p in folders["CommonPrefixes"]] == ["dir/"]
    assert {v["Key"] for v in s3.list_object_versions(Bucket=versioned, Prefix="dir/")["Versions"]} == {"dir/c"}
    behind = s3.list_object_versions(Bucket=versioned, KeyMarker="a")
    assert {v["Key"] for v in behind["Versions"]} == {"b", "dir/c"}


def test_without_versions(s3, bucket, put):
    put("key", b"x")
    (version,) = s3.list_object_versions(Bucket=bucket)["Versions"]
    assert (version["VersionId"], version["IsLatest"], version["StorageClass"]) == ("null", True, "STANDARD")


def test_bad_input(s3, bucket, fails):
    error = fails(s3.list_object_versions, Bucket=bucket, VersionIdMarker="x")
    assert error["Message"] == "A version-id marker cannot be specified without a key marker."


def test_denied(denied, bucket):
    denied("list_object_versions", "s3:ListBucketVersions", bucket, Bucket=bucket)
