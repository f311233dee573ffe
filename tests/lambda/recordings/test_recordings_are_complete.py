"""Every recorded answer is replayed, or listed with a reason. Runs behind all replays, which are of this session."""

import json
import os
import tomllib
from pathlib import Path

import pytest

HERE = Path(__file__).parent
LISTED = tomllib.loads((HERE / "recordings.toml").read_text())


def reasons(case):
    return [one for one in LISTED["not_replayed"] if case.startswith(one["cases"])]


def all_replays_are_in(session):
    here = {item.path.name for item in session.items if item.path.parent == HERE}
    chosen = session.config.getoption("keyword") or any("::" in argument for argument in session.config.args)
    # One of several processes runs a part of the tests.
    chosen = chosen or "PYTEST_XDIST_WORKER" in os.environ
    return not chosen and here >= {path.name for path in HERE.glob("test_recorded_*.py")}


def test_every_recording_is_replayed_or_listed(request, replayed, skipped):
    """What is neither checked by a test nor listed with a reason was forgotten."""
    directory = os.environ.get("NUAGE_ORACLE")
    if not directory:
        pytest.skip("NUAGE_ORACLE does not name a directory of recordings")
    if not all_replays_are_in(request.session):
        pytest.skip("not all replays are in this session")
    if request.session.testsfailed:
        pytest.skip("tests before this one failed, so what they replay is not known")
    forgotten, used = [], []
    for file in sorted((Path(directory) / "lambda").glob("*.json")):
        for key, recorded in json.loads(file.read_text()).items():
            case = f"{file.stem}/{key.split('::', 1)[1]}"
            found = reasons(case)
            used += found
            if case in skipped:
                continue
            if case not in replayed:
                forgotten += [] if any("labels" not in one for one in found) else [case]
                continue
            missing = recorded["recorded-content"].keys() - replayed[case]
            for one in found:
                missing -= set(one.get("labels", missing))
            forgotten += [f"{case}: {', '.join(sorted(missing))}"] if missing else []
    assert not forgotten, "\n".join(forgotten)
    unused = [one["cases"] for one in LISTED["not_replayed"] if one not in used]
    assert not unused, f"no recording has these names: {unused}"
    assert all(one["reason"] for kind in ("different", "not_replayed") for one in LISTED[kind])
