"""X12 readers side by side: segments a second, peak memory, and how they stand to ours and to the limit.

    make bench-x12                                   all sizes (1, 10 and 100 MB) and every peer
    python benchmarks/x12/bench.py --sizes 1         quick

Peers that are not installed here get an environment of their own under build/bench-x12; StAEDI comes through Maven.
A reader that takes more than a twelfth of the time limit on one size is not run on the next. The table goes to
standard output and, with `--readme`, into benchmarks/x12/README.md.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from generate import write_file

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
BUILD = ROOT / "build" / "bench-x12"
LIMIT_SECONDS = 300
OURS = ("tokens", "typed", "balanced", "validated", "written")
# Reader -> kinds it is measured on, and the package and Python of its own environment where it is not ours.
READERS: dict[str, tuple[tuple[str, ...], str, str]] = {
    "split": (("835", "837"), "", ""),
    "tokens": (("835", "837"), "", ""),
    "typed": (("835", "837"), "", ""),
    "balanced": (("835",), "", ""),
    "validated": (("835", "837"), "", ""),
    "written": (("837",), "", ""),
    "pyx12": (("835", "837"), "", ""),
    "x12sdk": (("835", "837"), "", ""),
    "edi-835-parser": (("835",), "edi-835-parser==1.8.0", "3.11"),
    "badx12": (("835", "837"), "badx12==0.2.2", "3.11"),
    "staedi": (("835", "837"), "", ""),
}
BEGINNING, END = "<!-- results -->", "<!-- end of results -->"


def find_command(reader: str) -> list[str] | None:
    """The command that measures a reader, or None where it cannot be installed."""
    if reader == "staedi":
        return prepare_staedi()
    _, package, version = READERS[reader]
    script = str(HERE / "measure.py")
    if not package:
        return [sys.executable, script, reader]
    python = BUILD / reader / "bin" / "python"
    if not python.exists():
        uv = shutil.which("uv") or str(Path(sys.executable).with_name("uv"))
        made = run_quietly([uv, "venv", "--quiet", "--python", version, str(BUILD / reader)])
        if not made or not run_quietly([uv, "pip", "install", "--quiet", "--python", str(python), package]):
            shutil.rmtree(BUILD / reader, ignore_errors=True)
            return None
    return [str(python), script, reader]


def prepare_staedi() -> list[str] | None:
    classes = BUILD / "staedi"
    classpath_file = classes / "classpath"
    if not classpath_file.exists():
        classes.mkdir(parents=True, exist_ok=True)
        resolve = ["mvn", "-q", "-B", "-f", str(HERE / "staedi" / "pom.xml"), "dependency:build-classpath"]
        if not run_quietly([*resolve, f"-Dmdep.outputFile={classpath_file}"]):
            return None
        compile_ = [
            "javac",
            "-cp",
            classpath_file.read_text(),
            "-d",
            str(classes),
            str(HERE / "staedi" / "ReadAll.java"),
        ]
        if not run_quietly(compile_):
            return None
    return ["java", "-cp", f"{classpath_file.read_text()}:{classes}", "ReadAll"]


def run_quietly(command: list[str]) -> bool:
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def measure(command: list[str], path: Path) -> dict[str, float] | str:
    """What the reader printed; or why there is no figure."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    try:
        done = subprocess.run(
            [*command, str(path)], capture_output=True, text=True, timeout=LIMIT_SECONDS, check=False, env=environment
        )
    except subprocess.TimeoutExpired:
        return f"more than {LIMIT_SECONDS} s"
    if done.returncode:
        return (done.stderr.strip().splitlines() or ["failed"])[-1][:60]
    found: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def make_row(reader: str, found: dict[str, float] | str, limit: float, ours: float) -> str:
    if isinstance(found, str):
        return f"| {reader} | {found} | | | |"
    rate = found["segments"] / found["seconds"]
    against = f"{ours / rate:.1f} times" if ours and reader not in OURS else ""
    return f"| {reader} | {rate:,.0f} | {found['peak_mb']:.0f} MB | {rate / limit:.1%} | {against} |"


def run(sizes: list[int], readers: list[str]) -> list[str]:
    BUILD.mkdir(parents=True, exist_ok=True)
    commands = {reader: find_command(reader) for reader in readers}
    lines: list[str] = []
    slow: set[tuple[str, str]] = set()
    for kind in ("835", "837"):
        for size in sizes:
            path = BUILD / f"{kind}.{size}"
            if not path.exists():
                write_file(kind, size, path)
            lines += [
                f"### {kind}, {size} MB",
                "",
                "| reader | segments/s | peak memory | of the limit | ours is faster by |",
                "| --- | ---: | ---: | ---: | ---: |",
            ]
            results: dict[str, dict[str, float] | str] = {}
            for reader in readers:
                command = commands[reader]
                if kind not in READERS[reader][0]:
                    continue
                if (kind, reader) in slow:
                    results[reader] = "not run: too slow on the smaller file"
                    continue
                results[reader] = measure(command, path) if command else "could not be installed here"
                if isinstance(results[reader], str) or float(results[reader]["seconds"]) > LIMIT_SECONDS / 12:  # type: ignore[index]
                    slow.add((kind, reader))
            rates = {name: f["segments"] / f["seconds"] for name, f in results.items() if not isinstance(f, str)}
            ours = rates.get("balanced", rates.get("typed", 0.0))
            lines += [make_row(name, found, rates.get("split", 1.0), ours) for name, found in results.items()] + [""]
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1, 10, 100])
    parser.add_argument("--readers", nargs="+", default=list(READERS))
    parser.add_argument("--readme", action="store_true")
    options = parser.parse_args()
    text = "\n".join(run(options.sizes, options.readers))
    print(text)
    if options.readme:
        readme = HERE / "README.md"
        before, _, rest = readme.read_text().partition(BEGINNING)
        _, _, after = rest.partition(END)
        readme.write_text(f"{before}{BEGINNING}\n\n{text}\n{END}{after}")


if __name__ == "__main__":
    main()
