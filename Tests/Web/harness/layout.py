"""The runners for Lambda handlers and the tests' handlers, as they are on a machine: root's, or whoever runs
the tests', and for nobody else to write."""

import os
import pathlib
import shutil

from .server import ROOT


def copied(source, place):
    """Copies a file or directory of the tree to a place that is not there. Returns it."""
    place = pathlib.Path(place)
    if source.is_dir():
        shutil.copytree(source, place, copy_function=shutil.copyfile)
    else:
        shutil.copyfile(source, place)
    for each in (place, *place.rglob("*")):
        is_program = each.is_dir() or source.name == "lambda" and each.name in ("lambda-node", "lambda-python")
        os.chmod(each, 0o755 if is_program else 0o644)
    return place


def libexec(place):
    """What /usr/libexec/doorpost has of them."""
    return copied(ROOT / "lambda", place)


def tutorial(place):
    """The tutorial's handlers, in a directory."""
    return copied(ROOT / "Tests/Lambda/seed", place)
