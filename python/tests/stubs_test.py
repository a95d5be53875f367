"""The type stubs of the build are Python and have every public name with its parameters."""

import ast
import inspect
import pathlib
import unittest
from typing import Optional, Tuple, Union

import numpy
from numpy.typing import ArrayLike

import fovea

PACKAGE = pathlib.Path(fovea.__file__).parent


def functions_of(path):
    return {node.name: node for node in ast.parse(path.read_text()).body if isinstance(node, ast.FunctionDef)}


class Stubs(unittest.TestCase):
    def test_functions(self):
        stubs = functions_of(PACKAGE / "functional" / "__init__.pyi")
        for name in fovea.functional.__all__:
            if name.isupper():
                continue
            arguments = stubs[name].args
            all_names = [a.arg for a in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)]
            all_names += [arguments.vararg.arg] if arguments.vararg else []
            self.assertEqual(set(all_names), set(inspect.signature(getattr(fovea.functional, name)).parameters), name)
            self.assertTrue(ast.get_docstring(stubs[name]), name)

    def test_annotations(self):
        known = {}
        exec((PACKAGE / "functional" / "__init__.pyi").read_text(), known)
        for name in fovea.functional.__all__:
            if not name.isupper():
                signature = inspect.signature(known[name])
                for annotation in (signature.return_annotation, *(p.annotation for p in signature.parameters.values())):
                    self.assertIsNot(annotation, inspect.Parameter.empty, name)
        # What has one array has one gradient; what comes in is anything like an array, what goes out an array.
        for name, gradients in (("mse_loss", numpy.ndarray), ("relu", numpy.ndarray), ("split", numpy.ndarray),
                                ("multiply", Tuple[numpy.ndarray, numpy.ndarray]), ("add", Tuple[numpy.ndarray, ...]),
                                ("conv2d", Tuple[numpy.ndarray, numpy.ndarray, Optional[numpy.ndarray]])):
            self.assertEqual(inspect.signature(known[name + "_backward"]).return_annotation, gradients)
        self.assertEqual(inspect.signature(known["multiply"]).parameters["b"].annotation, Union[ArrayLike, float])

    def test_the_compiled_module(self):
        self.assertIn("apply", functions_of(PACKAGE / "_fovea.pyi"))
        self.assertTrue((PACKAGE / "py.typed").exists())


if __name__ == "__main__":
    unittest.main()
