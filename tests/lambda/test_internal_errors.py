"""What breaks within Lambda is Lambda's own fault to its callers, and they learn nothing of the cause."""

import shutil

import pytest
from botocore.exceptions import ClientError


def test_a_package_that_this_host_has_lost(own_cloud, tmp_path, python_runtime, package, trust):
    cloud = own_cloud("--data-dir", tmp_path / "data")
    role = cloud.client("iam").create_role(
        RoleName="function", AssumeRolePolicyDocument=trust(Service="lambda.amazonaws.com")
    )
    lambda_ = cloud.client("lambda")
    lambda_.create_function(
        FunctionName="lost", Runtime=python_runtime, Role=role["Role"]["Arn"], Handler="index.handler",
        Code={"ZipFile": package({"index.py": "def handler(event, context):\n    return 1\n"})},
    )
    lambda_.get_waiter("function_active_v2").wait(FunctionName="lost", WaiterConfig={"Delay": 0.1})
    cloud.terminate()
    # The archive, and what was unpacked of it.
    for folder in [tmp_path / "data/blobs", *(tmp_path / "data").rglob("code")]:
        shutil.rmtree(folder)
    cloud.start()
    with pytest.raises(ClientError) as raised:
        cloud.client("lambda").invoke(FunctionName="lost")
    answer = raised.value.response
    assert answer["Error"]["Code"] == "ServiceException"
    assert answer["Error"]["Message"] == "An error occurred and the request cannot be processed."
    assert (answer["Type"], answer["ResponseMetadata"]["HTTPStatusCode"]) == ("Service", 500)
    assert answer["ResponseMetadata"]["HTTPHeaders"]["x-amzn-errortype"] == "ServiceException"
