"""`pip install .`: CMake builds the package, this puts it where pip wants it. Debian packages: scripts/setup python."""

import os
import pathlib
import re
import subprocess
import sys

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

ROOT = pathlib.Path(__file__).resolve().parent


class CMakeBuild(build_ext):
    def build_extension(self, extension):
        build, place = pathlib.Path(self.build_temp).resolve(), pathlib.Path(self.build_lib).resolve()
        subprocess.run(["cmake", "-S", ROOT, "-B", build, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release", "-DFOVEA_TESTS=OFF", "-DFOVEA_TOOL=OFF",
                        "-DFOVEA_PYTHON=ON", f"-DPython3_EXECUTABLE={sys.executable}",
                        *os.environ.get("CMAKE_ARGS", "").split()], check=True)
        subprocess.run(["cmake", "--build", build, "--target", "fovea_python"], check=True)
        self.copy_tree(str(build / "python" / "fovea"), str(place / "fovea"))


version = re.search(r'FOVEA_VERSION "([0-9.]+)"', (ROOT / "src/fovea/version.h").read_text())[1]
setup(version=version, packages=[], ext_modules=[Extension("fovea._fovea", [])], cmdclass={"build_ext": CMakeBuild})
