"""What git tracks names no package registry and no path of one developer's machine."""

import re
import subprocess
from collections.abc import Iterable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# Written with one-letter classes, so that these lines do not match themselves.
NEVER = re.compile(
    r"""(?<![A-Za-z0-9.$}_-]) / (?: roo[t] | wor[k] | tm[p] | hom[e] | User[s] ) / [A-Za-z0-9._-]+
      | py[p]i\.org | pythonhoste[d]\.org | registr[y]\.npmjs\. | repo1?\.mave[n]\. | prox[y]\.golang\.
      | static\.crate[s]\. | (?: deb | security )\.debia[n]\. | [-]-(?: extra-)?index-ur[l]\s
    """,
    re.VERBOSE,
)


# Whatever else stands at the top is left there by somebody's try, with what they tried it on.
TOP = frozenset(
    (
        *("streams", "schemas", "processors", "connectors", "tests", "benchmarks", "docs", ".ci"),
        *("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "LICENSE", "Makefile", "Dockerfile"),
        *("docker-compose.yml", "docker-compose.production.yml", "pyproject.toml", ".gitignore", ".dockerignore"),
        *("requirements.txt", "requirements-dev.txt"),
    )
)


def find_strays(names: Iterable[str]) -> list[str]:
    """What of tracked names stands where nothing of the project does."""
    return sorted({name.partition("/")[0] for name in names} - TOP)


def find_places(text: str) -> list[str]:
    """`line N: match` for each registry or machine path in a file."""
    return [
        f"line {n}: {match[0]}" for n, line in enumerate(text.splitlines(), 1) for match in NEVER.finditer(line + " ")
    ]


def test_no_tracked_file_names_a_registry_or_a_machine() -> None:
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listing.returncode != 0:
        pytest.skip("not a git checkout: nothing is tracked")
    names = [name for name in listing.stdout.decode().split("\0") if name]
    assert find_strays(names) == []
    paths = [ROOT / name for name in names]
    assert paths

    found = {
        str(path.relative_to(ROOT)): find_places(path.read_text(errors="replace")) for path in paths if path.is_file()
    }

    assert {path: places for path, places in found.items() if places} == {}


def test_a_data_folder_that_somebody_committed_is_found() -> None:
    assert find_strays(["streams/pipeline.py", "db/archive/01/0120a9", "try.835"]) == ["db", "try.835"]


@pytest.mark.parametrize(
    "parts",
    [
        ("cd /ro", "ot/revcycle"),
        ("data = '/wo", "rk/data'"),
        ("open('/tm", "p/claims.edi')"),
        ("/ho", "me/ann/inbox"),
        ("url = https://py", "pi.org/simple"),
        ("https://files.pythonho", "sted.org/a.whl"),
        ("--index-", "url https://packages.example"),
    ],
)
def test_a_registry_or_a_machine_path_is_found(parts: tuple[str, str]) -> None:
    text = "first line\n" + "".join(parts) + "\n"

    assert [place[:7] for place in find_places(text)] == ["line 2:"]


@pytest.mark.parametrize("text", ["GET https://ehr.example/work/queue", "docs/work/notes.md", "the root/leaf ratio"])
def test_other_addresses_and_relative_paths_pass(text: str) -> None:
    assert find_places(text) == []
