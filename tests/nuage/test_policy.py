"""`nuage policy`: decisions without a cloud."""

import json

CASE = {
    "name": "reads an object",
    "request": {
        "principal": "arn:aws:iam::123456789012:user/ann",
        "action": "s3:GetObject",
        "resource": {"resource": "arn:aws:s3:::photos/cat.jpg", "accountId": "123456789012"},
        "context": {"aws:SecureTransport": "false"},
    },
    "identityPolicies": [
        {
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Allow", "Action": "s3:Get*", "Resource": "arn:aws:s3:::photos/*"},
                {
                    "Sid": "OnlyTls",
                    "Effect": "Deny",
                    "Action": "*",
                    "Resource": "*",
                    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                },
            ],
        }
    ],
}


def test_evaluate(cloud, tmp_path):
    file = tmp_path / "case.json"
    file.write_text(json.dumps(CASE))
    answer = json.loads(cloud.nuage("policy", "evaluate", str(file), "--output", "json").stdout)
    assert answer["result"] == "ExplicitlyDenied"
    assert answer["decidedBy"] == [
        {"policyType": "identity-based policy", "policy": 0, "statement": 1, "sid": "OnlyTls"}
    ]
    assert answer["message"] == (
        "User: arn:aws:iam::123456789012:user/ann is not authorized to perform: s3:GetObject on resource: "
        "arn:aws:s3:::photos/cat.jpg with an explicit deny in an identity-based policy"
    )
    text = cloud.nuage("policy", "evaluate", str(file)).stdout
    assert "ExplicitlyDenied reads an object" in text and "(OnlyTls)" in text


def test_expectations(cloud, tmp_path):
    file = tmp_path / "cases.json"
    tls = {**CASE["request"], "context": {"aws:SecureTransport": "true"}}
    expected = {"expected": {"response": "Allowed"}}
    file.write_text(json.dumps([{**CASE, "request": tls, **expected}]))
    answers = json.loads(cloud.nuage("policy", "evaluate", str(file), "--output", "json").stdout)
    assert [answer["result"] for answer in answers] == ["Allowed"]
    condition = answers[0]["statements"][1]["mismatches"][0]
    assert condition["key"] == "aws:SecureTransport" and condition["found"] == ["true"]
    file.write_text(json.dumps([{**CASE, **expected}]))
    ended = cloud.nuage("policy", "evaluate", str(file), check=False)
    assert ended.returncode == 1 and "expected Allowed" in ended.stdout


def test_unreadable(cloud, tmp_path):
    assert cloud.nuage("policy", "evaluate", str(tmp_path / "none.json"), check=False).returncode == 1
    file = tmp_path / "broken.json"
    file.write_text('{"request": {}}')
    ended = cloud.nuage("policy", "evaluate", str(file), check=False)
    assert ended.returncode == 1 and "missing field" in ended.stderr


def test_one_that_cannot_be_decided_hides_no_other(cloud, tmp_path):
    good = {
        "name": "good",
        "request": {
            "principal": "arn:aws:iam::123456789012:user/ann",
            "action": "iam:DeletePolicy",
            "resource": {"resource": "arn:aws:iam::aws:policy/ReadOnlyAccess", "accountId": "aws"},
            "context": {},
        },
        "identityPolicies": [],
        "expected": {"response": "ImplicitlyDenied"},
    }
    resource = {"resource": "arn:aws:s3:::b", "accountId": "nobody's"}
    bad = {**good, "name": "bad", "request": {**good["request"], "resource": resource}}
    path = tmp_path / "cases.json"
    path.write_text(json.dumps([bad, good]))
    ran = cloud.nuage("policy", "evaluate", str(path), "--output", "json", check=False)
    assert ran.returncode == 1
    first, second = json.loads(ran.stdout)
    assert (first["name"], first["error"]) == ("bad", "'nobody's' is no account")
    assert second["result"] == "ImplicitlyDenied"
