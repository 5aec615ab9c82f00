"""Packages are installed and services started in layers and namespaces, which takes root."""

import os

import pytest


def pytest_configure(config):
    if os.geteuid() != 0:
        pytest.exit("the packaging tests need root: scripts/test-outside runs them", 2)
