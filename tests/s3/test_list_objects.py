def names(page):
    return [entry["Key"] for entry in page.get("Contents", [])], [p["Prefix"] for p in page.get("CommonPrefixes", [])]


def test_markers(s3, bucket, put):
    for key in ["folder/aSubfolder/subFile1", "folder/aSubfolder/subFile2", "folder/file1", "folder/file2"]:
        put(key, b"x")
    list_ = lambda **parameters: s3.list_objects(Bucket=bucket, Prefix="folder/", Delimiter="/", MaxKeys=1, **parameters)
    first = list_()
    assert names(first) == ([], ["folder/aSubfolder/"])
    assert (first["NextMarker"], first["IsTruncated"], first["Marker"]) == ("folder/aSubfolder/", True, "")
    second = list_(Marker=first["NextMarker"])
    assert names(second) == (["folder/file1"], [])
    assert names(list_(Marker="folder/aSubfolder/subFile1")) == (["folder/file1"], [])
    last = list_(Marker="folder/file1")
    assert names(last) == (["folder/file2"], []) and not last["IsTruncated"] and "NextMarker" not in last
    plain = s3.list_objects(Bucket=bucket, MaxKeys=1)
    assert plain["IsTruncated"] and "NextMarker" not in plain
    assert plain["Contents"][0]["Owner"]["ID"]


def test_bad_input(s3, bucket, fails):
    error = fails(s3.list_objects, Bucket=bucket, EncodingType="value")
    assert (error["ArgumentName"], error["ArgumentValue"]) == ("encoding-type", "value")


def test_denied(denied, bucket):
    denied("list_objects", "s3:ListBucket", bucket, Bucket=bucket)
