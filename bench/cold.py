"""What a cold start costs: import of each entry of template.yaml against a bare FastAPI + Mangum hello, in one run.

Counts instructions with valgrind's cachegrind where it is installed (the same on a busy machine), else CPU time, the
least of several runs. Each import happens in a fresh interpreter whose own start is taken off. As in Lambda, bytecode
is there already. Last line: `cold worst_ratio=R entry=NAME`.
"""

from __future__ import annotations

import argparse
import compileall
import json
import os
import py_compile
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from local.template import Template

ROOT = Path(__file__).parents[1]
HELLO = """
from fastapi import FastAPI
from mangum import Mangum
app = FastAPI()
@app.get("/")
async def hello():
    return {"hello": "world"}
handler = Mangum(app, lifespan="off")
"""
GOAL = 2.0
_CPU_RUNS = 7
_LIST_MODULES = (
    "import importlib, json, sys; importlib.import_module(sys.argv[1]); print(json.dumps(list(sys.modules)))"
)
_IMPORT = "import importlib, sys; importlib.import_module(sys.argv[1])"
_CPU = (
    "import importlib, sys, time; began = time.process_time(); importlib.import_module(sys.argv[1]);"
    " print(time.process_time() - began)"
)


@dataclass(frozen=True)
class Cost:
    entry: str
    cost: float  # instructions in millions, or CPU milliseconds
    modules: list[str]

    @property
    def packages(self) -> list[tuple[str, int]]:
        """Third-party packages by the number of their modules."""
        ours = {path.name for path in (ROOT / "functions").iterdir()} | {"bai", "bai_migrations", "hello_entry"}
        counted = Counter(name.partition(".")[0] for name in self.modules)
        outside = {name: n for name, n in counted.items() if name not in ours | sys.stdlib_module_names}
        return sorted(outside.items(), key=lambda item: -item[1])


class Bench:
    def __init__(self, code: Path, valgrind: str | None) -> None:
        self.valgrind = valgrind
        self.environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(code),
            "PYTHONHASHSEED": "0",  # the same dictionaries, so the same instructions
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        self.nothing = self._count("sys") if valgrind else 0.0

    def measure(self, module: str) -> Cost:
        listed = self._run([sys.executable, "-c", _LIST_MODULES, module]).stdout
        spent = self._count(module) - self.nothing if self.valgrind else self._cpu(module)
        return Cost(module, spent, json.loads(listed.splitlines()[-1]))

    def _count(self, module: str) -> float:
        assert self.valgrind is not None
        tool = [self.valgrind, "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"]
        said = self._run([*tool, sys.executable, "-c", _IMPORT, module]).stderr
        found = re.search(r"I\s+refs:\s+([\d,]+)", said)
        if found is None:
            raise SystemExit(f"valgrind gave no count:\n{said[-1500:]}")
        return int(found.group(1).replace(",", "")) / 1e6

    def _cpu(self, module: str) -> float:
        runs = [self._run([sys.executable, "-c", _CPU, module]).stdout for _ in range(_CPU_RUNS)]
        return min(float(run.splitlines()[-1]) for run in runs) * 1000

    def _run(self, command: list[str]) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise SystemExit(f"{command[-1]} does not import:\n{done.stderr[-2000:]}")
        return done


def lay_out(target: Path) -> None:
    """The code as a built bundle has it: one directory, compiled, nothing left to look up in the source."""
    for part in ("functions", "layers/shared", "migrations"):
        shutil.copytree(ROOT / part, target, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    (target / "hello_entry.py").write_text(HELLO)
    if not compileall.compile_dir(target, quiet=1, invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH):
        raise SystemExit("the code does not compile")


def compile_third_party(entries: list[str], code: Path) -> None:
    """Importing once with bytecode writing on leaves what the measured imports will find."""
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(code)}
    for entry in entries:
        subprocess.run([sys.executable, "-c", _IMPORT, entry], env=environment, check=True, capture_output=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("entries", nargs="*", help="modules such as push.sockets; all without it")
    parser.add_argument("--cpu", action="store_true", help="CPU time even where valgrind is there")
    options = parser.parse_args()
    functions = Template(ROOT / "template.yaml", {}).functions().values()
    entries = options.entries or sorted({function.handler.rpartition(".")[0] for function in functions})
    with tempfile.TemporaryDirectory() as directory:
        code = Path(directory)
        lay_out(code)
        compile_third_party(["hello_entry", *entries], code)
        bench = Bench(code, None if options.cpu else shutil.which("valgrind"))
        # CPU time is only worth something alone; instructions are counted as well side by side.
        with ThreadPoolExecutor(os.cpu_count() if bench.valgrind else 1) as pool:
            hello, *costs = pool.map(bench.measure, ["hello_entry", *entries])
    report(hello, costs, "M instructions" if bench.valgrind else "CPU ms")


def report(hello: Cost, costs: list[Cost], unit: str) -> None:
    print(f"import of each entry, {unit}, goal {GOAL:.1f} x hello (Python {sys.version.split()[0]})")
    print(f"{'entry':<26}{'cost':>8}{'ratio':>7}{'modules':>9}  third-party packages (modules)")
    for cost in [hello, *sorted(costs, key=lambda one: -one.cost)]:
        packages = ", ".join(f"{name} {n}" for name, n in cost.packages[:6])
        print(f"{cost.entry:<26}{cost.cost:>8.0f}{cost.cost / hello.cost:>7.2f}{len(cost.modules):>9}  {packages}")
    worst = max(costs, key=lambda one: one.cost)
    print(f"cold worst_ratio={worst.cost / hello.cost:.2f} entry={worst.entry}")


if __name__ == "__main__":
    main()
