"""What all tests share: a cache of compiled code that is not the user's, and nothing that a test leaves behind.

The folder is named before numlift is imported anywhere, since a process asks for it once; programs that tests start
inherit it. `NUMLIFT_CACHE_DIR=… pytest …` keeps the code from one run to the next.
"""

import atexit
import os
import shutil
import sys
import tempfile
from typing import Any

import pytest

if "NUMLIFT_CACHE_DIR" not in os.environ:
    os.environ["NUMLIFT_CACHE_DIR"] = tempfile.mkdtemp(prefix="numlift-tests-")
    atexit.register(shutil.rmtree, os.environ["NUMLIFT_CACHE_DIR"], ignore_errors=True)


def state_of_the_process() -> dict[str, Any]:
    """What a test may change for the tests behind it in the same process, whichever those are."""
    numpy = sys.modules.get("numpy")
    return {
        "np.geterr()": numpy and numpy.geterr(),
        "np.geterrcall()": numpy and numpy.geterrcall(),
        "np.getbufsize()": numpy and numpy.getbufsize(),
        "os.environ": {name: value for name, value in os.environ.items() if name != "PYTEST_CURRENT_TEST"},
        "sys.gettrace()": sys.gettrace(),
        "sys.getprofile()": sys.getprofile(),
        "sys.getrecursionlimit()": sys.getrecursionlimit(),
        "sys.modules['__main__']": sys.modules["__main__"],
        "os.getcwd()": os.getcwd(),
    }


@pytest.fixture(autouse=True)
def nothing_is_left_behind():
    """Fail where a test leaves the process other than it found it: the tests beside it differ from run to run."""
    before = state_of_the_process()
    yield
    after = state_of_the_process()
    left = [name for name in before if before[name] is not None and before[name] != after[name]]
    assert left == [], left
