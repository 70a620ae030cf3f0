"""
Check the files of this folder, set up the versions they were made with, make the report again.

python main.py                  all of it; needs the network once, to install requirements.lock
python main.py --installed      with the package flows that this Python has; no network

This is the one program here that has to be run, and the only one that is: the package is installed
from the folder wheel/, the text, tables and figures are made by it, and compared file by file.
What is installed goes into a folder beside this one, --environment names another.
Options that this program does not have are handed to flows verify, which --hashes keeps from making
anything, and which --data FOLDER tells where the files lie that may not be passed on.
"""

# ruff: noqa: S603, T201 - a program that prints, and runs what it has installed

import argparse
import hashlib
import os
import subprocess
import sys
import venv
from pathlib import Path

BUNDLE = Path(__file__).resolve().parent
OLDEST = (3, 11)
RUN = "import sys; from flows.cli import main; sys.exit(main())"


def check_sums() -> str:
    """Hold every listed file to its hash; return the hash of the list."""
    listing = (BUNDLE / "SHA256SUMS").read_bytes()
    for line in listing.decode("utf-8").removesuffix("\n").split("\n"):
        digest, _, name = line.partition("  ")
        path = BUNDLE / name
        if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != digest:
            sys.exit(f"error: {name}: expected sha256 {digest}, found another file or none")
    return hashlib.sha256(listing).hexdigest()


def set_up(environment: Path, bundle: str) -> Path:
    """Install the locked packages and the wheel, once; return the Python that has them."""
    python = environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    ready = environment / "bundle.sha256"
    if ready.is_file() and ready.read_text(encoding="utf-8") == bundle:
        print(f"set up before: {environment}", flush=True)
        return python
    if environment.exists() and any(environment.iterdir()):
        sys.exit(f"error: {environment}: expected an empty folder to install into, found files")
    print(f"setting up {environment}", flush=True)
    venv.create(environment, with_pip=True)
    (wheel,) = (BUNDLE / "wheel").glob("*.whl")
    lock, versions = BUNDLE / "requirements.lock", BUNDLE / "requirements.txt"
    if lock.is_file():
        install(python, "--require-hashes", "--requirement", str(lock))
    else:
        install(python, "--requirement", str(versions))
    install(python, "--no-index", str(wheel))
    ready.write_text(bundle, encoding="utf-8")
    return python


def install(python: Path, *what: str) -> None:
    """Install packages as they are listed, without others that they ask for."""
    command = [str(python), "-m", "pip", "install", "--quiet", "--no-deps", *what]
    if subprocess.run(command, check=False).returncode:
        sys.exit(f"error: could not install {what[-1]}; remove {python.parents[1]} and try again")


def main() -> int:
    """Check, set up, verify."""
    about = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=about)
    parser.add_argument("--installed", action="store_true", help="use the flows of this Python")
    beside = BUNDLE.with_name(f"{BUNDLE.name}-environment")
    parser.add_argument("--environment", type=Path, default=beside, help="where to install")
    options, others = parser.parse_known_args()
    if sys.version_info < OLDEST:
        sys.exit(f"error: expected Python 3.11 or later, found {sys.version.split()[0]}")
    bundle = check_sums()
    print(f"bundle {bundle}: every file is as SHA256SUMS lists it", flush=True)
    python = sys.executable if options.installed else set_up(options.environment.resolve(), bundle)
    # -P: no module is taken from the folder in which this runs.
    command = [str(python), "-P", "-c", RUN, "verify", str(BUNDLE), *others]
    return subprocess.run(command, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
