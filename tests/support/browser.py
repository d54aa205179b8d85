"""Debian's chromium, for tests that open a report as a person would."""

import shutil

import pytest


def find_chromium() -> str | None:
    """Return the path of the browser, if there is one."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def chromium() -> str:
    """Return the path of the browser; without one, skip the test that asks."""
    path = find_chromium()
    if path is None:
        pytest.skip("no chromium on this machine; `.ci/run` installs it")
    return path
