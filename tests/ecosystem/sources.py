"""Where the programs come from: packages of the index, repositories that lie in a folder.

A package is downloaded by pip against the hash in the table and unpacked, never installed: its programs run where
they lie in it. What they need (NumPy, Matplotlib, …) is installed in an environment of its own.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import tarfile
import venv
import zipfile
from pathlib import Path
from typing import Any


class NotAtHand(Exception):
    """The program is not here and cannot be had from the package index."""


def environment(folder: Path, requirements: list[str], numlift: Path) -> Path:
    """An environment with what the programs need, and numlift; returns its Python."""
    python = folder / "bin" / "python"
    if not python.exists():
        venv.create(folder, with_pip=True)
    pip(python, "install", *requirements)
    [packages] = folder.glob("lib/python*/site-packages")
    (packages / "numlift-tried.pth").write_text(f"{numlift.resolve()}\n")
    return python


def copied(entry: dict[str, Any], table: dict[str, Any], python: Path, work: Path, folder: Path | None) -> Path:
    """A fresh copy of what a program comes with."""
    target = work / "programs" / entry["name"].replace(" ", "-")
    shutil.rmtree(target, ignore_errors=True)
    if "package" in entry:
        unpack(downloaded(entry["package"], table["packages"][entry["package"]], python, work), target)
        inner = list(target.iterdir())
        return inner[0] if len(inner) == 1 and inner[0].is_dir() else target
    if folder is None:
        raise NotAtHand(f"in the repository {entry['repository']}: --from")
    source = folder / entry["repository"]
    if not source.is_dir():
        raise NotAtHand(f"{source} is not there")
    main = source / entry.get("folder", ".") / entry["file"]
    if hashlib.sha256(main.read_bytes()).hexdigest() != entry["sha256"]:
        raise NotAtHand(f"{main} is not that of the table")
    shutil.copytree(source, target, ignore=shutil.ignore_patterns(".git"))
    return target


def downloaded(requirement: str, package: dict[str, str], python: Path, work: Path) -> Path:
    """The package's file; what it is made with when it is built is not run for a wheel."""
    folder = work / "downloads" / requirement
    if not folder.exists():
        listed = work / "wanted.txt"
        listed.write_text(f"{requirement} --hash=sha256:{package['sha256']}\n")
        kind = "--only-binary" if package["form"] == "wheel" else "--no-binary"
        unfinished = folder.with_name(folder.name + ".part")
        pip(
            python,
            "download",
            "--no-deps",
            kind,
            ":all:",
            "-d",
            str(unfinished),
            "-r",
            str(listed),
        )
        unfinished.rename(folder)
    [file] = folder.iterdir()
    return file


def unpack(file: Path, target: Path) -> None:
    target.mkdir(parents=True)
    if file.suffix in (".whl", ".zip"):
        with zipfile.ZipFile(file) as archive:
            archive.extractall(target)
    else:
        with tarfile.open(file) as archive:
            archive.extractall(target, filter="data")


def pip(python: Path, *arguments: str) -> None:
    command = [str(python), "-m", "pip", "--quiet", "--disable-pip-version-check", *arguments]
    if subprocess.run(command, stdin=subprocess.DEVNULL).returncode:
        raise NotAtHand(f"pip {arguments[0]} failed")
