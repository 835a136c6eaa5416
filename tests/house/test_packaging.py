"""What is installed is this checkout, the lock files are what pyproject.toml asks for, and so is the image."""

import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PACKAGES = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
RUN_TIME = PROJECT["project"]["dependencies"]
BUILD = PROJECT["dependency-groups"]["build"]
DEVELOPMENT = [entry for entry in PROJECT["dependency-groups"]["dev"] if isinstance(entry, str)]

PIN = re.compile(r"(?P<name>[a-z0-9.-]+)(?:\[[a-z0-9,-]+\])?==(?P<version>[^ ;]+)(?: ; [^\\]+)?")


def read_lock(text: str) -> dict[str, Version]:
    """Version by package name; ValueError for a line that is no exact pin with a SHA-256."""
    pins: dict[str, Version] = {}
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    for entry in "\n".join(lines).replace("\\\n", "").splitlines():
        requirement, *hashes = entry.split(" --hash=")
        pin = PIN.fullmatch(requirement.strip())
        if pin is None or not hashes or not all(re.fullmatch(r"sha256:[0-9a-f]{64}", text.strip()) for text in hashes):
            raise ValueError(f"not an exact pin with its hashes: {entry[:80]}")
        pins[canonicalize_name(pin["name"])] = Version(pin["version"])
    return pins


def find_unmet(requirements: list[str], lock: dict[str, Version]) -> list[str]:
    wanted = [Requirement(text) for text in requirements]
    return [
        str(requirement)
        for requirement in wanted
        if (version := lock.get(canonicalize_name(requirement.name))) is None or version not in requirement.specifier
    ]


@pytest.mark.parametrize("package", PACKAGES)
def test_package_is_imported_from_this_checkout(package: str, tmp_path: Path) -> None:
    """The .pth folder comes last on sys.path: a dependency that shipped a `schemas` of its own would win."""
    command = [sys.executable, "-P", "-c", f"import {package}; print({package}.__file__)"]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)

    assert Path(result.stdout.strip()) == ROOT / package / "__init__.py"


def test_no_package_is_left_out_of_the_wheel() -> None:
    on_disk = {path.parent.name for path in ROOT.glob("*/__init__.py")}

    assert on_disk == set(PACKAGES)


def test_the_image_is_built_from_what_is_named_and_nothing_else() -> None:
    lines = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and not line.startswith("#")]
    assert lines[0] == "*", "all is left out but what is let in"
    let_in = {line.removeprefix("!") for line in lines if line.startswith("!")}
    assert let_in == {"LICENSE", "pyproject.toml", "requirements.txt", *PACKAGES}


def test_the_image_holds_the_locked_packages_and_runs_as_nobody_special() -> None:
    text = (ROOT / "Dockerfile").read_text()
    first, last = re.split(r"^FROM ", text, flags=re.MULTILINE)[1:]
    assert first.startswith("${PYTHON} AS wheel") and last.startswith("${PYTHON}\n")
    assert "COPY ." not in last and last.count("--require-hashes -r") == 1 and "--no-index --no-deps /wheel/" in last
    (user,) = re.findall(r"^USER (\S+)$", last, flags=re.MULTILINE)
    assert user.isdigit() and int(user) > 0 and f"--uid {user} " in last, (
        "a number: Kubernetes can see that it is not root"
    )


def test_the_wheel_holds_every_file_of_the_packages(tmp_path: Path) -> None:
    listed = subprocess.run(["git", "ls-files", *PACKAGES], cwd=ROOT, capture_output=True, text=True, check=True)
    for name in (*listed.stdout.splitlines(), "pyproject.toml", "LICENSE"):
        if (ROOT / name).exists():
            (tmp_path / "source" / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, tmp_path / "source" / name)
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path)]
    subprocess.run(command, cwd=tmp_path / "source", capture_output=True, check=True)
    (wheel,) = tmp_path.glob("*.whl")
    held = set(zipfile.ZipFile(wheel).namelist())

    assert {name for name in listed.stdout.splitlines() if (ROOT / name).exists()} <= held


def test_run_time_lock_satisfies_the_project() -> None:
    lock = read_lock((ROOT / "requirements.txt").read_text())

    assert find_unmet(RUN_TIME + BUILD, lock) == []


def test_development_lock_satisfies_the_project_at_the_run_time_versions() -> None:
    run_time = read_lock((ROOT / "requirements.txt").read_text())
    development = read_lock((ROOT / "requirements-dev.txt").read_text())

    assert find_unmet(RUN_TIME + BUILD + DEVELOPMENT, development) == []
    assert {name: development.get(name) for name in run_time} == run_time


def test_an_unmet_requirement_is_found() -> None:
    lock = read_lock(f"pydantic==2.13.0 \\\n    --hash=sha256:{'0' * 64}\n    # via revcycle\n")

    assert find_unmet(["pydantic>=2.14,<3", "rich>=15"], lock) == ["pydantic<3,>=2.14", "rich>=15"]


@pytest.mark.parametrize(
    "line", ["rich==15.0.0", "rich>=15 --hash=sha256:" + "0" * 64, "rich==15.0.0 --hash=md5:00", "-e ."]
)
def test_a_lock_line_without_exact_version_or_hash_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match="not an exact pin"):
        read_lock(line)
