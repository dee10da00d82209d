"""The engine's reference says what the engine's modules say: signatures, fields, defaults, errors."""

import ast
import re
from pathlib import Path

from workflow.engine import errors
from workflow.engine.errors import DomainError

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "engine" / "reference.md"
INTERFACE = re.compile(r"^```python\n# (workflow\.engine\.[\w.]+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
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


def documented() -> dict[str, dict[str, str]]:
    """The interface of each module that the page shows."""
    found: dict[str, dict[str, str]] = {}
    for module, text in INTERFACE.findall(PAGE.read_text(encoding="utf-8")):
        found[module] = found.get(module, {}) | interface(ast.parse(text).body)
    return found


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


def test_reference_names_every_error_with_its_code_and_kind() -> None:
    classes = [each for each in vars(errors).values() if isinstance(each, type)]
    refusals = [each for each in classes if issubclass(each, DomainError)]
    own = {(each.__name__, each.code, each.__bases__[0].__name__) for each in refusals[1:]}
    assert set(ERROR.findall(PAGE.read_text(encoding="utf-8"))) == own
