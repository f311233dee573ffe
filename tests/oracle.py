"""Compares answers with recordings of AWS's own.

A recording holds the answers that AWS gave, with what varies replaced by references: `<uuid:1>`, `<region>`,
`<function-name:1>`. A reference stands for any text, but for the same one wherever it stands again in the case.
`code-sha256`, `date`, `datetime` and `timestamp` stand for any value.

`NUAGE_ORACLE` names the directory of the recordings; where it is not set, tests that need them are skipped.
"""

import json
import os
import re
from pathlib import Path

import pytest

REFERENCE = re.compile(r"<<[a-z0-9-]+>:[0-9]+>|<[a-zA-Z0-9_-]+(?::[^>]*)?>")
ANYTHING = {"code-sha256", "date", "datetime", "timestamp"}
RECORDED_ACCOUNT = "111111111111"


class Case:
    """One recorded case: `case.check(label, answer)`."""

    def __init__(self, answers, account_id, different=(), by_label=None):
        self.answers = answers
        self.account_id = account_id
        self.references = {}
        # Members whose difference is meant, wherever they stand; the reason stands beside the test.
        self.different = set(different)
        self.by_label = by_label or {}

    def check(self, label, answer):
        recorded = self.answers[label]
        if isinstance(recorded, dict) and "CreateFunctionResponse" in recorded:
            # As the recording's tools made functions.
            recorded = recorded["CreateFunctionResponse"]
        always, self.different = self.different, self.different | self.by_label.get(label, set())
        found = list(self.differences(recorded, plain(answer), ""))
        self.different = always
        assert not found, f"{label}: " + "; ".join(found)

    def differences(self, recorded, ours, path):
        if isinstance(recorded, dict) and isinstance(ours, dict):
            for name in sorted(recorded.keys() | ours.keys()):
                at = f"{path}.{name}" if path else name
                if name in self.different:
                    continue
                if name not in ours:
                    yield f"{at} is missing, recorded is {recorded[name]!r}"
                elif name not in recorded:
                    yield f"{at} is not recorded, ours is {ours[name]!r}"
                else:
                    yield from self.differences(recorded[name], ours[name], at)
        elif isinstance(recorded, list) and isinstance(ours, list):
            if len(recorded) != len(ours):
                yield f"{path} has {len(ours)} elements, recorded are {len(recorded)}"
            for index, pair in enumerate(zip(recorded, ours)):
                yield from self.differences(*pair, f"{path}[{index}]")
        elif isinstance(recorded, str) and not self.fits(recorded, ours):
            yield f"{path} is {ours!r}, recorded is {recorded!r}"
        elif not isinstance(recorded, str) and recorded != ours:
            yield f"{path} is {ours!r}, recorded is {recorded!r}"

    def fits(self, recorded, ours):
        if recorded in ANYTHING:
            return True
        if REFERENCE.fullmatch(recorded) and not isinstance(ours, str):
            return True
        if not isinstance(ours, str):
            return False
        recorded = recorded.replace(RECORDED_ACCOUNT, self.account_id)
        recorded = recorded.replace("<partition>", "aws").replace("<region>", "us-east-1")
        pattern, names, at = "", [], 0
        for reference in REFERENCE.finditer(recorded):
            pattern += re.escape(recorded[at : reference.start()])
            known = self.references.get(reference[0])
            if known is not None:
                pattern += re.escape(known)
            else:
                pattern += "(.*)"
                names.append(reference[0])
            at = reference.end()
        match = re.fullmatch(pattern + re.escape(recorded[at:]), ours, re.DOTALL)
        if match and all(":" in name for name in names):
            self.references.update(zip(names, match.groups()))
        return bool(match)


def plain(answer):
    """The answer as recordings show it: headers left out, JSON in texts parsed."""
    answer = json.loads(json.dumps(answer, default=str))
    if "ResponseMetadata" in answer:
        status = answer["ResponseMetadata"]["HTTPStatusCode"]
        answer["ResponseMetadata"] = {"HTTPHeaders": {}, "HTTPStatusCode": status}
    for name in ("Statement", "Policy"):
        if isinstance(answer.get(name), str):
            answer[name] = json.loads(answer[name])
    return answer


def load(service, file, name):
    """The answers of the case whose name ends with `name`."""
    directory = os.environ.get("NUAGE_ORACLE")
    if not directory:
        pytest.skip("NUAGE_ORACLE does not name a directory of recordings")
    cases = json.loads((Path(directory) / service / file).read_text())
    [found] = [case for key, case in cases.items() if key.endswith(f"::{name}")]
    return found["recorded-content"]
