"""ListVersionsByFunction."""


def test_pages(lambda_, versions):
    pages = lambda_.get_paginator("list_versions_by_function").paginate(
        FunctionName=versions, PaginationConfig={"PageSize": 2}
    )
    pages = [[one["Version"] for one in page["Versions"]] for page in pages]
    assert pages == [["$LATEST", "1"], ["2"]]


def test_cli(account, versions):
    listed = account.aws("lambda", "list-versions-by-function", "--function-name", versions)["Versions"]
    assert [one["Version"] for one in listed] == ["$LATEST", "1", "2"]


def test_bad_input(lambda_, create, fails):
    fails("ResourceNotFoundException", lambda_.list_versions_by_function, FunctionName="missing")
    fails("InvalidParameterValueException", lambda_.list_versions_by_function, FunctionName=create(), Marker="!")


def test_denied(nobody, create, denied):
    denied("lambda:ListVersionsByFunction", nobody.list_versions_by_function, FunctionName=create())
