"""What all tests share: a cache of compiled code that is not the user's.

The folder is named before numlift is imported anywhere, since a process asks for it once; programs that tests start
inherit it. `NUMLIFT_CACHE_DIR=… pytest …` keeps the code from one run to the next.
"""

import atexit
import os
import shutil
import tempfile

if "NUMLIFT_CACHE_DIR" not in os.environ:
    os.environ["NUMLIFT_CACHE_DIR"] = tempfile.mkdtemp(prefix="numlift-tests-")
    atexit.register(shutil.rmtree, os.environ["NUMLIFT_CACHE_DIR"], ignore_errors=True)
