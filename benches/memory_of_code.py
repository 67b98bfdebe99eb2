"""Ten thousand functions that are compiled, called and dropped: the memory of the process stays where it was.

python benches/memory_of_code.py [COUNT]
"""

from __future__ import annotations

import ctypes
import os
import sys
import time
from pathlib import Path


def main() -> int:
    os.environ["NUMLIFT_CACHE"] = "0"
    from numlift import _native

    count = int(next((word for word in sys.argv[1:] if not word.startswith("-")), 10_000))
    start = time.perf_counter()
    sizes = []
    for number in range(count + 1):
        text = f"define i64 @f(i64 %x) {{ %y = mul i64 %x, {number}\n ret i64 %y }}"
        code = _native.machine_code(text, "f")
        if ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_int64)(code.address("f"))(3) != 3 * number:
            raise SystemExit(f"a wrong answer of function {number}")
        del code
        if number % (count // 10) == 0:
            sizes.append(resident())
            print(f"{number:6} functions, {sizes[-1] / 1e6:7.1f} MB, {time.perf_counter() - start:6.1f} s", flush=True)
    # The first tenth warms everything up.
    growth = sizes[-1] - sizes[1]
    print(f"growth after the first tenth: {growth / 1e3:.0f} kB")
    return 0 if growth < 2e6 else 1


def resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    sys.exit(main())
