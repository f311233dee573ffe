"""Runs pip where it is not installed: fetches it from the package index and runs it out of its wheel.

Arguments are pip's. The index is that of pip's own settings in the environment.
"""

import hashlib
import os
import re
import runpy
import sys
import tempfile
import urllib.parse
import urllib.request

FILE = re.compile(r'<a [^>]*href="([^"#]*/pip-([0-9.]+)-py3-none-any\.whl)#sha256=([0-9a-f]{64})"[^>]*>')
# The newest pip for an interpreter is known by this attribute, in which ">" is written "&gt;".
NEEDS = re.compile(r'data-requires-python="(?:&gt;|>)=3\.([0-9]+)')


def newest(page):
    """Address and digest of the newest pip that runs on this interpreter."""
    found = []
    for link in FILE.finditer(page):
        needs = NEEDS.search(link.group(0))
        if needs is None or int(needs.group(1)) <= sys.version_info[1]:
            version = [int(part) for part in link.group(2).split(".") if part]
            found.append((version, link.group(1), link.group(3)))
    if not found:
        sys.exit("The package index offers no pip for this interpreter.")
    return max(found)[1:]


def main():
    page = os.environ.get("PIP_INDEX_URL", "https://pypi.org/simple").rstrip("/") + "/pip/"
    request = urllib.request.Request(page, headers={"Accept": "text/html"})
    with urllib.request.urlopen(request) as answer:
        address, digest = newest(answer.read().decode())
    with urllib.request.urlopen(urllib.parse.urljoin(page, address)) as answer:
        wheel = answer.read()
    if hashlib.sha256(wheel).hexdigest() != digest:
        sys.exit("What came for pip is not what the package index announced.")
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, os.path.basename(urllib.parse.urlsplit(address).path))
        with open(path, "wb") as file:
            file.write(wheel)
        sys.path.insert(0, path)
        sys.argv[0] = "pip"
        runpy.run_module("pip", run_name="__main__", alter_sys=True)


main()
