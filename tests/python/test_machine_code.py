"""LLVM text becomes code that runs, is kept across processes, and goes when nobody holds it."""

import ctypes
import os
import subprocess
import sys
import warnings

import pytest
from numlift import _engine, _native

SCALED = """
declare double @llvm.fma.f64(double, double, double)
declare double @fmod(double, double)

; Multiplies n numbers by 2 and takes them modulo 7.
define i32 @scaled(ptr noalias %x, ptr noalias %y, i64 %n) nounwind {
entry:
  br label %loop
loop:
  %i = phi i64 [ 0, %entry ], [ %next, %loop ]
  %from = getelementptr inbounds double, ptr %x, i64 %i
  %v = load double, ptr %from
  %w = fmul double %v, 2.0
  %r = call double @fmod(double %w, double 7.0)
  %to = getelementptr inbounds double, ptr %y, i64 %i
  store double %r, ptr %to
  %next = add nuw nsw i64 %i, 1
  %more = icmp slt i64 %next, %n
  br i1 %more, label %loop, label %exit
exit:
  ret i32 0
}
"""


def text(number):
    """A text that no other test has."""
    return f"define i64 @f(i64 %x) {{ %y = add i64 %x, {number}\n ret i64 %y }}"


def function(code, name="f"):
    return ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_int64)(code.address(name))


def run(program, folder, **variables):
    """What a Python program prints."""
    environment = {**os.environ, "NUMLIFT_CACHE_DIR": str(folder), **variables}
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, env=environment, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip(), done.stderr.strip()


def test_a_text_becomes_code_that_runs():
    code = _native.machine_code(SCALED, "scaled")
    x, y = (ctypes.c_double * 5)(1, 2, 3, 4, -5), (ctypes.c_double * 5)()
    scaled = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64)(code.address("scaled"))
    assert scaled(x, y, 5) == 0
    assert list(y) == [2, 4, 6, 1, -3]
    with pytest.raises(KeyError):
        code.address("fmod")


def test_the_same_text_is_the_same_code():
    one, other = _native.machine_code(text(1), "f"), _native.machine_code(text(1), "another name")
    assert one.address("f") == other.address("f") and one.key == other.key
    assert _native.machine_code(text(2), "f").key != one.key


def test_what_llvm_refuses_is_told_in_its_words():
    with pytest.raises(_engine.EngineError, match="value doesn't match function result type"):
        _native.machine_code("define i32 @f() { ret i64 0 }", "f")
    with pytest.raises(_engine.EngineError, match="does not dominate all uses"):
        _native.machine_code("define i32 @f() {\n %a = add i32 %b, 1\n %b = add i32 %a, 1\n ret i32 %a }", "f")
    with pytest.raises(RuntimeError, match="needs `system`, which is not there"):
        _native.machine_code(
            "declare i32 @system(ptr)\ndefine i32 @f() { %x = call i32 @system(ptr null)\n ret i32 %x }", "f"
        )


SAY_ORIGIN = f"""
import sys
from numlift import _native
code = _native.machine_code({text(3)!r}, "f")
print(code.origin, "llvmlite.binding" in sys.modules)
"""


def test_another_process_finds_it_without_llvmlite(tmp_path):
    assert run(SAY_ORIGIN, tmp_path)[0] == "compiled True"
    assert run(SAY_ORIGIN, tmp_path)[0] == "disk False"
    assert run(SAY_ORIGIN, tmp_path, NUMLIFT_CACHE="0")[0] == "compiled True"
    assert run(SAY_ORIGIN, tmp_path, NUMLIFT_CACHE_KEY="secret")[0] == "compiled True"
    assert run(SAY_ORIGIN, tmp_path, NUMLIFT_CACHE_KEY="secret")[0] == "disk False"


KERNEL = """
import numlift

{decorator}
def doubled(x):
    return x * 2

doubled(1.5)
print(doubled.specializations[0]["origin"])
"""


def test_a_kernel_is_kept_unless_it_should_not_be(tmp_path):
    (tmp_path / "kept.py").write_text(KERNEL.format(decorator="@numlift.jit"))
    (tmp_path / "not_kept.py").write_text(KERNEL.format(decorator="@numlift.jit(cache=False)"))
    cache = tmp_path / "cache"
    start = f"import runpy; runpy.run_path({str(tmp_path)!r} + '/{{}}.py')"
    assert [run(start.format("not_kept"), cache)[0] for _ in range(2)] == ["compiled", "compiled"]
    assert [run(start.format("kept"), cache)[0] for _ in range(2)] == ["compiled", "disk"]
    assert run(start.format("not_kept"), cache)[0] == "compiled"


def test_no_usable_folder_is_told_once_and_no_error(tmp_path):
    (tmp_path / "file").write_text("")
    twice = SAY_ORIGIN + f"_native.machine_code({text(4)!r}, 'f')"
    output, complaint = run(twice, tmp_path / "file" / "cache")
    assert output == "compiled True"
    assert complaint.count("RuntimeWarning: compiled code is not kept") == 1
    output, _ = run(twice, tmp_path / "file" / "cache", PYTHONWARNINGS="error")
    assert output == "compiled True"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_a_child_compiles_and_calls_what_its_parent_compiled():
    code = _native.machine_code(text(5), "f")
    with warnings.catch_warnings():
        # Python warns of forking with threads; here are none of ours.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        status = 1
        try:
            made = [_native.machine_code(text(number), "f") for number in (5, 6)]
            status = 0 if [function(each)(10) for each in (code, *made)] == [15, 15, 16] else 2
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


THREADS_AND_FORKS = """
import os, threading, warnings
from numlift import _native
warnings.simplefilter("ignore")
stop = threading.Event()
def text(number):
    return f"define i64 @f(i64 %x) {{ %y = add i64 %x, {number}\\n ret i64 %y }}"
def compile(start):
    number = start
    while not stop.is_set():
        number += 1
        _native.machine_code(text(number), "f")
# Forking while a module is imported is Python's own trouble.
_native.machine_code(text(0), "f")
threads = [threading.Thread(target=compile, args=(start,)) for start in (10_000, 20_000)]
for thread in threads: thread.start()
bad = 0
for round in range(20):
    child = os.fork()
    if child == 0:
        _native.machine_code(text(30_000 + round), "f")
        os._exit(0)
    bad += os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) != 0
stop.set()
for thread in threads: thread.join()
print("bad", bad)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_children_of_a_process_whose_threads_compile(tmp_path):
    assert run(THREADS_AND_FORKS, tmp_path)[0] == "bad 0"


MEMORY = """
import gc
from numlift import _engine, _native

def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096

for round in range(501):
    code = _native.machine_code(f"define i64 @f(i64 %x) {{ %y = add i64 %x, {round}\\n ret i64 %y }}", "f")
    del code
    if round in (100, 500):
        print(resident())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="memory is asked of /proc")
def test_code_that_is_dropped_takes_no_memory(tmp_path):
    """Some hundred compilations; benches/memory_of_code.py shows ten thousand."""
    before, after = map(int, run(MEMORY, tmp_path)[0].split())
    assert after - before < 1 << 20, f"{(after - before) >> 10} KB for 400 compilations"


def command(folder, *words, code=0, **variables):
    environment = {**os.environ, "NUMLIFT_CACHE_DIR": str(folder), **variables}
    done = subprocess.run(
        [sys.executable, "-m", "numlift", "cache", *words], capture_output=True, env=environment, text=True, check=False
    )
    assert done.returncode == code, done.stderr
    return done.stdout if code == 0 else done.stderr


def test_the_command_looks_after_what_is_kept(tmp_path):
    folder = tmp_path / "cache"
    assert command(folder, "dir") == f"{folder}\n"
    assert command(folder, "size") == "0 entries, 0 bytes of at most 1 GB\n"
    run(SAY_ORIGIN, folder)
    assert command(folder, "size", NUMLIFT_CACHE_SIZE="20M").startswith("1 entry, ")
    assert command(folder, "list").rstrip().endswith("  f")
    assert command(folder, "verify") == "1 entry whole\n"
    assert "1 entry made with another NUMLIFT_CACHE_KEY" in command(folder, "verify", NUMLIFT_CACHE_KEY="secret")
    (entry,) = folder.glob("*.nlo")
    entry.write_bytes(entry.read_bytes()[:-1])
    assert command(folder, "verify") == "0 entries whole\n1 entry damaged, removed\n"
    assert run(SAY_ORIGIN, folder)[0] == "compiled True"
    assert command(folder, "clean").startswith("removed 1 entry, ")
    assert command(folder, "list") == ""


def test_the_command_says_when_there_is_none(tmp_path):
    assert "compiled code is not kept: NUMLIFT_CACHE" in command(tmp_path, "size", code=2, NUMLIFT_CACHE="0")
    (tmp_path / "file").write_text("")
    assert "is not a folder" in command(tmp_path / "file", "size", code=2)
