"""When keys, users and roles were last used, over a restart."""


def test_last_uses_survive_a_restart(own_cloud, tmp_path, document, trust):
    cloud = own_cloud("--data-dir", tmp_path / "data")
    iam = cloud.client("iam")
    iam.create_user(UserName="ann")
    iam.put_user_policy(UserName="ann", PolicyName="p", PolicyDocument=document())
    key = iam.create_access_key(UserName="ann")["AccessKey"]
    role = iam.create_role(RoleName="r", AssumeRolePolicyDocument=trust(AWS="000000000000"))["Role"]["Arn"]
    iam.put_role_policy(RoleName="r", PolicyName="p", PolicyDocument=document())
    which = {"AccessKeyId": key["AccessKeyId"]}
    assert iam.get_access_key_last_used(**which)["AccessKeyLastUsed"]["ServiceName"] == "N/A"
    ann = {"access_key_id": key["AccessKeyId"], "secret": key["SecretAccessKey"]}
    cloud.client("iam", **ann).list_users()
    session = cloud.client("sts", **ann).assume_role(RoleArn=role, RoleSessionName="session")["Credentials"]
    keys = session["AccessKeyId"], session["SecretAccessKey"], session["SessionToken"]
    cloud.client("lambda", *keys, region="eu-west-1").list_functions()
    # Those who are gone leave nothing to others of the same name.
    iam.create_user(UserName="bob")
    iam.put_user_policy(UserName="bob", PolicyName="p", PolicyDocument=document())
    bob = iam.create_access_key(UserName="bob")["AccessKey"]
    cloud.client("iam", bob["AccessKeyId"], bob["SecretAccessKey"]).list_users()

    def seen(iam):
        key = iam.get_access_key_last_used(**which)
        last = iam.get_role(RoleName="r")["Role"]["RoleLastUsed"]
        job = iam.generate_service_last_accessed_details(Arn=key_owner)["JobId"]
        services = iam.get_service_last_accessed_details(JobId=job)["ServicesLastAccessed"]
        used = {row["ServiceNamespace"]: row["LastAuthenticated"] for row in services if "LastAuthenticated" in row}
        return key["AccessKeyLastUsed"], last, used

    key_owner = iam.get_user(UserName="ann")["User"]["Arn"]
    before = seen(iam)
    assert (before[0]["Region"], before[1]["Region"], "iam" in before[2]) == ("us-east-1", "eu-west-1", True)
    # An orderly end writes what is newest.
    cloud.terminate()
    cloud.start()
    iam = cloud.client("iam")
    assert seen(iam) == before
    iam.delete_access_key(UserName="bob", AccessKeyId=bob["AccessKeyId"])
    iam.delete_user_policy(UserName="bob", PolicyName="p")
    iam.delete_user(UserName="bob")
    again = iam.create_user(UserName="bob")["User"]["Arn"]
    iam.put_user_policy(UserName="bob", PolicyName="p", PolicyDocument=document())
    job = iam.generate_service_last_accessed_details(Arn=again)["JobId"]
    rows = iam.get_service_last_accessed_details(JobId=job)["ServicesLastAccessed"]
    assert rows and not any("LastAuthenticated" in row for row in rows)
