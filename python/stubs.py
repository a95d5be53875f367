"""Writes the type stubs of what has no source to read: the compiled module and the functions of fovea.functional.

usage: stubs.py PACKAGE (the folder `fovea` of a build, which must be importable)
"""

import inspect
import pathlib
import sys

HEAD = '"""Written by python/stubs.py."""\n\nfrom typing import Any, Dict, Mapping, Optional, Sequence, Tuple, Union\n\nimport numpy\nfrom numpy.typing import ArrayLike\n\n'


def function_stub(name, function):
    """Any array-like comes in, an array goes out."""
    signature = inspect.signature(function)
    returns = signature.return_annotation
    arguments = str(signature.replace(return_annotation=signature.empty)).replace("numpy.ndarray", "ArrayLike")
    arrow = "" if returns is signature.empty else " -> " + inspect.formatannotation(returns)
    return f"def {name}{arguments.replace('NoneType', 'None')}{arrow}:\n    {inspect.getdoc(function)!r}\n"


def functional_stub(functional):
    lists = "".join(f"{name}: tuple[Any, ...]\n" for name in functional.__all__ if name.isupper())
    functions = [function_stub(name, getattr(functional, name)) for name in functional.__all__ if not name.isupper()]
    return HEAD + lists + "\n" + "\n".join(functions)


def module_stub(module):
    lines = []
    for name, value in sorted(vars(module).items()):
        if name.startswith("__"):
            continue
        if inspect.isclass(value):
            methods = [m for m in vars(value) if not m.startswith("__") or m == "__init__"]
            lines += [f"class {name}:"] + [f"    def {m}(self, *args: Any, **kwargs: Any) -> Any: ..." for m in methods]
        elif callable(value):
            lines.append(f"def {name}(*args: Any, **kwargs: Any) -> Any: ...")
        else:
            lines.append(f"{name}: {type(value).__name__ if isinstance(value, str) else 'Any'}")
    return HEAD + "\n".join(lines) + "\n"


def main():
    package = pathlib.Path(sys.argv[1])
    sys.dont_write_bytecode = True
    sys.path.insert(0, str(package.parent))
    import fovea

    (package / "functional" / "__init__.pyi").write_text(functional_stub(fovea.functional))
    (package / "_fovea.pyi").write_text(module_stub(fovea._fovea))


if __name__ == "__main__":
    main()
