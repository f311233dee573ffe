"""Keys and sessions outlive the process: keys are rows, sessions are sealed under a key that is kept."""


def test_keys_and_sessions_survive_a_kill(own_cloud, tmp_path, document, trust):
    cloud = own_cloud("--data-dir", tmp_path / "data")
    iam = cloud.client("iam")
    iam.create_user(UserName="ann")
    iam.put_user_policy(UserName="ann", PolicyName="p", PolicyDocument=document("Allow", "sts:*", "*"))
    key = iam.create_access_key(UserName="ann")["AccessKey"]
    arn = iam.create_role(RoleName="r", AssumeRolePolicyDocument=trust(AWS="000000000000"))["Role"]["Arn"]
    ann = {"access_key_id": key["AccessKeyId"], "secret": key["SecretAccessKey"]}
    session = cloud.client("sts", **ann).assume_role(RoleArn=arn, RoleSessionName="session")["Credentials"]
    cloud.kill()
    cloud.start()
    assert cloud.client("sts", **ann).get_caller_identity()["Arn"].endswith(":user/ann")
    sts = cloud.client(
        "sts",
        access_key_id=session["AccessKeyId"],
        secret=session["SecretAccessKey"],
        token=session["SessionToken"],
    )
    assert sts.get_caller_identity()["Arn"].endswith(":assumed-role/r/session")
    # A cloud of its own has a key of its own.
    other = own_cloud("--ephemeral").client(
        "sts",
        access_key_id=session["AccessKeyId"],
        secret=session["SecretAccessKey"],
        token=session["SessionToken"],
    )
    try:
        other.get_caller_identity()
    except other.exceptions.ClientError as error:
        assert error.response["Error"]["Code"] == "InvalidClientTokenId"
    else:
        raise AssertionError("a session of another cloud was accepted")
