"""Hooks around a snapshot of a function that has been initialized (SnapStart), as AWS's runtimes offer them.

Functions before the snapshot run in the reverse order of their registration, those after a restoration in its order.
<https://docs.aws.amazon.com/lambda/latest/dg/snapstart-runtime-hooks-python.html>
"""

_before = []
_after = []


def register_before_snapshot(func, *args, **kwargs):
    _before.append((func, args, kwargs))
    return func


def register_after_restore(func, *args, **kwargs):
    _after.append((func, args, kwargs))
    return func


def get_before_snapshot():
    return list(reversed(_before))


def get_after_restore():
    return list(_after)
