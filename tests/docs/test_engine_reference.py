"""The engine's reference says what the engine's modules say: signatures, fields, defaults, errors."""

import ast
import re
from pathlib import Path

from workflow.engine import errors
from workflow.engine.errors import DomainError

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "engine" / "reference.md"
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
MODULE = re.compile(r"^# (workflow\.engine\.[\w.]+)\n", re.MULTILINE)
CALLED = re.compile(r"`(\w+)\(")
ERROR = re.compile(r"^\| `(\w+)` \| `([a-z-]+)` \| `(\w+)` \|", re.MULTILINE)
Function = ast.FunctionDef | ast.AsyncFunctionDef


def interface(body: list[ast.stmt]) -> dict[str, str]:
    """What is public among some statements: a line for each function, method, field or constant, by its name."""
    found: dict[str, str] = {}
    for part in body:
        if isinstance(part, Function) and not part.name.startswith("_"):
            found[part.name] = signature(part)
        elif isinstance(part, ast.ClassDef) and not part.name.startswith("_"):
            found[part.name] = f"class {part.name}({', '.join(map(ast.unparse, part.bases))})"
            found |= {f"{part.name}.{name}": told for name, told in interface(part.body).items()}
        elif isinstance(part, ast.AnnAssign) and not ast.unparse(part.target).startswith("_"):
            found[ast.unparse(part.target)] = ast.unparse(part)
        elif isinstance(part, ast.Assign) and not ast.unparse(part.targets[0]).startswith("_"):
            found[ast.unparse(part.targets[0])] = ast.unparse(part)
    return found


def signature(function: Function) -> str:
    """The head of a function with its decorators."""
    bare = type(function)(**{**vars(function), "body": [ast.Expr(ast.Constant(...))]})
    return ast.unparse(bare)


def blocks() -> list[tuple[str, list[ast.stmt]]]:
    """Each module that the page shows anything of, and what it shows; a block may show several."""
    shown: list[tuple[str, list[ast.stmt]]] = []
    for text in BLOCK.findall(PAGE.read_text(encoding="utf-8")):
        _, *pieces = MODULE.split(text)
        shown += [
            (module, ast.parse(code).body) for module, code in zip(pieces[::2], pieces[1::2], strict=True)
        ]
    return shown


def documented() -> dict[str, dict[str, str]]:
    """The interface of each module that the page shows."""
    found: dict[str, dict[str, str]] = {}
    for module, body in blocks():
        found[module] = found.get(module, {}) | interface(body)
    return found


def names_of_the_engine() -> set[str]:
    """Whatever the engine's modules define in public; tables and errors apart, which the page tells otherwise."""
    engine = ROOT / "workflow" / "engine"
    return {
        name
        for path in engine.rglob("*.py")
        if path.stem not in ("tables", "errors")
        for name in interface(ast.parse(path.read_text(encoding="utf-8")).body)
        if "." not in name
    }


def written(module: str, names: set[str]) -> dict[str, str]:
    """What the module itself says of some names, with all that belongs to them."""
    path = (ROOT / module.replace(".", "/")).with_suffix(".py")
    whole = interface(ast.parse(path.read_text(encoding="utf-8")).body)
    return {name: told for name, told in whole.items() if name.partition(".")[0] in names}


def test_reference_shows_what_it_shows_as_the_modules_have_it() -> None:
    shown = documented()
    assert shown == {
        module: written(module, {name.partition(".")[0] for name in names}) for module, names in shown.items()
    }


def test_reference_shows_whatever_it_speaks_of() -> None:
    """Types and defaults of what it shows, and what its sentences call, are shown on the page too."""
    in_signatures = {
        node.id
        for _, body in blocks()
        for part in body
        for node in ast.walk(part)
        if isinstance(node, ast.Name)
    }
    in_sentences = set(CALLED.findall(PAGE.read_text(encoding="utf-8")))
    shown = {name.rpartition(".")[2] for names in documented().values() for name in names}
    assert ((in_signatures | in_sentences) & names_of_the_engine()) - shown == set()


def test_reference_names_every_error_with_its_code_and_kind() -> None:
    classes = [each for each in vars(errors).values() if isinstance(each, type)]
    refusals = [each for each in classes if issubclass(each, DomainError)]
    own = {(each.__name__, each.code, each.__bases__[0].__name__) for each in refusals[1:]}
    assert set(ERROR.findall(PAGE.read_text(encoding="utf-8"))) == own
