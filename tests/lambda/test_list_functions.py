"""ListFunctions."""


def test_pages(lambda_, create):
    names = [create(wait=False) for _ in range(5)]
    pages = lambda_.get_paginator("list_functions").paginate(PaginationConfig={"PageSize": 2})
    pages = [page["Functions"] for page in pages]
    assert [len(page) for page in pages] == [2, 2, 1]
    assert [one["FunctionName"] for page in pages for one in page] == names
    assert "State" not in pages[0][0]


def test_all_versions(lambda_, versions):
    listed = lambda_.list_functions(FunctionVersion="ALL")["Functions"]
    assert [one["Version"] for one in listed] == ["$LATEST", "1", "2"]
    assert listed[0]["FunctionArn"].endswith(f":{versions}:$LATEST")


def test_replicas_of_lambda_at_edge(lambda_, versions, fails):
    fails("InvalidParameterValueException", lambda_.list_functions, MasterRegion="eu-west-1")
    everything = {"FunctionVersion": "ALL"}
    assert lambda_.list_functions(MasterRegion="eu-west-1", **everything)["Functions"] == []
    assert len(lambda_.list_functions(MasterRegion="ALL", **everything)["Functions"]) == 3


def test_cli(account, create):
    name = create(wait=False)
    listed = account.aws("lambda", "list-functions")["Functions"]
    assert [one["FunctionName"] for one in listed] == [name]


def test_bad_input(lambda_, fails):
    fails("InvalidParameterValueException", lambda_.list_functions, Marker="%%%")


def test_denied(nobody, denied):
    denied("lambda:ListFunctions", nobody.list_functions)
