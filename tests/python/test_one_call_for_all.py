"""Functions without a form of one element are called once for a whole array, not once for each of its elements."""

import numpy as np
import pytest
from numlift import _native

UFUNCS = sorted(
    name for name in dir(np) if isinstance(getattr(np, name), np.ufunc) and getattr(np, name).signature is None
)
DTYPES = [np.complex128, np.complex64, np.float64, np.float32, np.float16, np.int64, np.int8, np.uint64, np.bool_]


def kernel_of(text, tmp_path, name):
    file = tmp_path / f"{name}.py"
    file.write_text(f"import numpy as np\n\n\ndef f(x, y):\n    return {text}\n")
    names = {}
    exec(compile(file.read_text(), str(file), "exec"), names)
    return names["f"]


@pytest.mark.parametrize("name", UFUNCS)
def test_calls(name, tmp_path):
    ufunc = getattr(np, name)
    forms = [f"np.{name}(x)" if ufunc.nin == 1 else f"np.{name}(x, y)"]
    if ufunc.nin == 2 and ufunc.nout == 1:
        forms.append(f"np.{name}.accumulate(x)")
    for number, form in enumerate(forms):
        function = kernel_of(form, tmp_path, f"{name}_{number}")
        kernel = _native.jit(function, {"always": True})
        for dtype in DTYPES:
            x, y = np.arange(1, 9).astype(dtype), np.arange(2, 10).astype(dtype)
            with np.errstate(all="ignore"):
                try:
                    function(x, y)
                except TypeError:
                    continue
                kernel(x, y)
        calls = [count for one in kernel.specializations for *_, count in one["islands"]]
        assert all(count == 1 for count in calls), form
