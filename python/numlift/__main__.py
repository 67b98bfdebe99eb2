"""The `numlift` command and `python -m numlift`: both hand their arguments to the native module."""

import sys

from numlift import _native


def main() -> int:
    """Run the command line and return its exit code."""
    return _native.main(["numlift", *sys.argv[1:]])


if __name__ == "__main__":
    sys.exit(main())
