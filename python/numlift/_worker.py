"""The process in which the user's program runs.

    python -m numlift._worker watch|run|verify JOBDIR

Only dispatches. For `watch` and `run` the hash seed is fixed, since the order of sets of strings depends on it: where
it isn't set the interpreter starts anew with a set one.
"""

from __future__ import annotations

import os
import sys

HASH_SEED = "0"


def main(arguments: list[str]) -> None:
    if len(arguments) != 2 or arguments[0] not in ("watch", "run", "verify"):
        raise SystemExit("usage: python -m numlift._worker watch|run|verify JOBDIR")
    job, directory = arguments
    if job == "verify":
        from numlift import _verify

        _verify.main(directory)
        return
    if os.environ.get("PYTHONHASHSEED", "random") == "random":
        start_anew()
    if job == "watch":
        from numlift import _watch

        _watch.main(directory)
    else:
        from numlift import _run

        _run.main(directory)


def start_anew() -> None:
    """The same command with a fixed hash seed."""
    os.environ["PYTHONHASHSEED"] = HASH_SEED
    command = [sys.executable, *sys.orig_argv[1:]]
    if os.name == "posix":
        os.execv(sys.executable, command)
    import subprocess

    raise SystemExit(subprocess.run(command, check=False).returncode)


if __name__ == "__main__":
    main(sys.argv[1:])
