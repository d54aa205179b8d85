"""Debian's chromium, for tests that open a report as a person would."""

import shutil

import pytest


def chromium() -> str:
    """Return the path of the browser; without one, skip the test that asks."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("no chromium on this machine; `.ci/run` installs it")
    return path
