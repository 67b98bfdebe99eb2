"""Large arrays that compiled code makes: memory that is used again, and arrays like any other."""

import copy
import os
import pickle
import subprocess
import sys
import tracemalloc

import numlift
import numpy as np
import pytest
from numpy._core.multiarray import get_handler_name

LARGE = 400_000

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="memory is mapped as Linux does it")


@numlift.jit
def squares(x):
    return x * x


@numlift.jit
def turned(x):
    return (x + 1.0).T


def given(n=LARGE):
    return np.arange(float(n))


def test_memory_is_used_again():
    x = given()
    result = squares(x)
    # Arrays lie at some places in a page, which take turns.
    begins = {result.ctypes.data >> 16}
    for _ in range(20):
        del result
        result = squares(x)
        begins.add(result.ctypes.data >> 16)
        assert np.array_equal(result, x * x)
    assert len(begins) <= 2
    assert get_handler_name(result) == "numlift"
    # Only what compiled code makes.
    assert get_handler_name() == "default_allocator"
    assert get_handler_name(squares(given(10))) == "default_allocator"


def test_results_do_not_share_it():
    x = given()
    results = [squares(x + number) for number in range(8)]
    for number, result in enumerate(results):
        assert np.array_equal(result, (x + number) ** 2)


def test_arrays_are_like_any_other():
    x = given()
    result = squares(x)
    assert result.flags.owndata
    assert result.base is None
    assert result.ctypes.data % 64 == 0
    for other in (copy.deepcopy(result), pickle.loads(pickle.dumps(result)), result.copy()):
        assert np.array_equal(other, result)
    result.resize(3 * LARGE, refcheck=False)
    assert np.array_equal(result[:LARGE], x * x)
    assert not result[LARGE:].any()
    result.resize(7, refcheck=False)
    assert np.array_equal(result, x[:7] ** 2)
    matrix = np.asfortranarray(given().reshape(400, -1))
    assert np.array_equal(turned(matrix), (matrix + 1.0).T)


def test_tracemalloc_sees_it():
    x = given()
    squares(x)
    tracemalloc.start()
    try:
        result = squares(x)
        assert tracemalloc.get_traced_memory()[0] >= result.nbytes
        del result
        assert tracemalloc.get_traced_memory()[0] < x.nbytes
    finally:
        tracemalloc.stop()


def test_children_have_their_own():
    x = given()
    result = squares(x)
    child = os.fork()
    if child == 0:
        try:
            del result
            os._exit(0 if np.array_equal(squares(x), x * x) else 1)
        finally:
            os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert np.array_equal(result, x * x)


LIMITED = """
import resource
import numlift, numpy as np
from numpy._core.multiarray import get_handler_name

@numlift.jit
def more(x, n):
    return x[:n] + 1.0

x = np.zeros(20_000_000)
more(x, 1_000_000)
kept = [more(x, 1_000_000) for _ in range(4)]
del kept
pages = int(open("/proc/self/statm").read().split()[0])
resource.setrlimit(resource.RLIMIT_AS, (resource.getpagesize() * pages + ROOM,) * 2)
try:
    print(more(x, 20_000_000).sum())
except MemoryError as error:
    print(error)
print(get_handler_name(more(x, 1_000_000)))
"""


@pytest.mark.parametrize(
    ("kept", "room", "says"),
    [
        (
            "",
            "(100 << 20)",
            ["Unable to allocate 153. MiB for an array with shape (20000000,) and data type float64", "numlift"],
        ),
        # What is kept is given up where it is missing.
        ("", "(145 << 20)", ["20000000.0", "numlift"]),
        ("0", "(400 << 20)", ["20000000.0", "default_allocator"]),
    ],
)
def test_memory_that_is_not_there(kept, room, says, tmp_path):
    environment = {**os.environ, "NUMLIFT_NUM_THREADS": "1"} | ({"NUMLIFT_KEPT_MEMORY": kept} if kept else {})
    program = tmp_path / "program.py"
    program.write_text(LIMITED.replace("ROOM", room))
    done = subprocess.run(
        [sys.executable, program], capture_output=True, text=True, env=environment, timeout=60, check=False
    )
    assert done.stdout.splitlines() == says, done.stderr
