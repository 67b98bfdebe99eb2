"""The native module, as `crates/numlift_py` defines it."""

__version__: str

def main(argv: list[str]) -> int:
    """Run the command line on `argv`, program name included, and return the exit code."""
