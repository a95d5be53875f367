#!/usr/bin/env python3
"""Fovea as others use it: installed, moved, found, linked and run; static and shared; C++ and C.

usage: package_test.py SOURCE BUILD     (BUILD: a static release build; a shared one and one within another project are made
beside it, from the same objects when ccache has them)
"""
import concurrent.futures
import os
import pathlib
import re
import shutil
import subprocess
import sys

THIRD_PARTY = re.compile(r"#include <(fmt|nlohmann|toml|CLI|png|jpeglib|zlib|google|zip)\b")
SHOWN = "#pragma GCC visibility push(default)"
FENCE = re.compile(r"^<!-- (\S+) -->\n+```\w*\n(.*?)^```", re.M | re.S)


def run(*command, cwd=None, env=None, text=None):
    done = subprocess.run([str(word) for word in command], cwd=cwd, env={**os.environ, **(env or {})}, text=True, input=text,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert done.returncode == 0, f"{' '.join(map(str, command))}\n{done.stdout}"
    return done.stdout


class Package:
    def __init__(self, source, build):
        self.source, self.build = source, build
        self.work = build.parent / f"{build.name}-package"
        self.example = source / "examples" / "train_and_predict.cc"
        self.consumers = source / "tests" / "package"
        cache = (build / "CMakeCache.txt").read_text()
        self.compiler = re.search(r"^CMAKE_CXX_COMPILER:\w+=(.*)$", cache, re.M).group(1)
        launcher = re.search(r"^CCACHE_PROGRAM:\w+=(.*)$", cache, re.M).group(1)
        self.flags = ["-GNinja", "-DCMAKE_BUILD_TYPE=Release", f"-DCMAKE_CXX_COMPILER={self.compiler}"]
        if not launcher.endswith("NOTFOUND"):
            self.flags.append(f"-DCMAKE_CXX_COMPILER_LAUNCHER={launcher}")
            os.environ["CCACHE_BASEDIR"] = str(source)

    def cmake(self, source, build, *flags):
        run("cmake", "-S", source, "-B", build, *self.flags, *flags)
        run("cmake", "--build", build, "-j", os.cpu_count())

    def beside(self, name):
        """A build of all of Fovea is as deep as BUILD: ccache keeps relative paths."""
        return self.build.parent / f"{self.build.name}-package-{name}"

    def install(self, build, name):
        """Into a folder that is then moved; nothing may remember the first."""
        first, moved = self.work / f"first-{name}", self.work / "moved to here" / name
        run("cmake", "--install", build, "--prefix", first)
        moved.parent.mkdir(exist_ok=True)
        first.rename(moved)
        for path in [*moved.rglob("*.cmake"), *moved.rglob("*.pc"), *moved.rglob("*.h")]:
            text = path.read_text()
            for place in (first, self.source, build):
                assert str(place) not in text, f"{path} remembers {place}"
        return moved

    def run_app(self, place, env=None):
        print(place.name, run(place / "app", cwd=place, env=env).replace("\n", "; "))


def check_header(package, include, header):
    """It compiles alone, as whatever follows it may be anything, and names no library but Fovea."""
    code = (include / header).read_text()
    assert not THIRD_PARTY.search(code), f"{header} includes {THIRD_PARTY.search(code).group(0)}>"
    assert "namespace fovea {" not in code or SHOWN in code, f"{header}: a public header has `{SHOWN}` around its namespace"
    run(package.compiler, "-std=c++20", "-fsyntax-only", "-Wall", "-Wextra", "-Wpedantic", "-Werror", f"-I{include}",
        "-xc++", "-", cwd=package.work, text=f'#include "{header}"\n')


def check_headers(package, prefix):
    include = prefix / "include"
    headers = sorted(p.relative_to(include) for p in include.rglob("*.h"))
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(lambda header: check_header(package, include, header), headers))
    registry = (package.source / "src/fovea/layers/registry.cc").read_text()
    for name in re.findall(r'#include "(fovea/layers/\w+\.h)"', registry):
        assert (include / name).exists(), f"{name} is a layer's header and not under HEADERS of its room"
    print(len(headers), "headers compile alone")


def check_symbols(prefix):
    """Of what is ours the shared library shows public headers; of others only what namespace std makes weak."""
    library = next(prefix.glob("lib*/libfovea.so"))
    shown = [line.split(" ", 2)[1:] for line in run("nm", "-DC", "--defined-only", library).splitlines()]
    assert any(name.startswith("fovea::Program::Forward") for _, name in shown), "the API is not exported"
    assert any(name == "fovea_session_run" for _, name in shown), "the C API is not exported"
    for kind, name in shown:
        ours = re.search(r"\bfovea(::|_\w+$)", name)
        assert ours or (kind in "VWu" and "std::" in name), f"exports {kind} {name}"
        foreign = re.search(r"\b(fmt|nlohmann|toml|CLI)::|fovea::(avx\w+|amx|baseline|neon|notes)::|fovea::(Make)?\w*Step\b::", name)
        assert not foreign, f"exports {name}"
    print(len(shown), "symbols exported")


def check_version(package, prefix):
    text = (prefix / "include/fovea/version.h").read_text()
    numbers = re.findall(r"#define FOVEA_VERSION_\w+ (\d+)", text)
    version = re.search(r'#define FOVEA_VERSION "(.*)"', text).group(1)
    assert version == ".".join(numbers)
    assert run(prefix / "bin/fovea", "--version").strip() == f"fovea {version}"
    assert run("pkg-config", "--modversion", "fovea", env=pkg_config(prefix)).strip() == version
    too_new = package.work / "too_new"
    too_new.mkdir()
    (too_new / "CMakeLists.txt").write_text("cmake_minimum_required(VERSION 3.25)\nproject(x NONE)\n"
                                            f"find_package(Fovea {numbers[0]}.{int(numbers[1]) + 1} QUIET)\n"
                                            "if(Fovea_FOUND)\n  message(FATAL_ERROR found)\nendif()\n")
    run("cmake", "-S", too_new, "-B", too_new / "build", f"-DCMAKE_PREFIX_PATH={prefix}")


def pkg_config(prefix):
    return {"PKG_CONFIG_PATH": str(next(prefix.rglob("pkgconfig")))}


def check_document(package):
    """The code of docs/embedding.md is that of the projects here, word for word."""
    blocks = FENCE.findall((package.source / "docs" / "embedding.md").read_text())
    assert len(blocks) >= 5, "the code of docs/embedding.md was not found"
    for name, code in blocks:
        def words(text):
            return " ".join(text.split())
        assert words(code) in words((package.source / name).read_text()), f"docs/embedding.md: this is not in {name}:\n{code}"


def check_as_part(package):
    """Within a project that is strict and installs to a library folder of its own choice; nothing is compiled."""
    prefix, build = package.work / "part" / "prefix", package.work / "part" / "build"
    libraries = package.work / "part" / "elsewhere" / "lib64"
    run("cmake", "-S", package.consumers / "subdirectory", "-B", build, *package.flags, f"-DFOVEA={package.source}",
        f"-DEXAMPLE={package.example}", "-DCMAKE_CXX_FLAGS=-Werror -Wsign-conversion", "-DFOVEA_INSTALL=ON",
        f"-DCMAKE_INSTALL_PREFIX={prefix}", f"-DCMAKE_INSTALL_LIBDIR={libraries}")
    flags = re.findall(r"^build fovea/src/\S+\.o:.*?^  FLAGS = (.*?)$", (build / "build.ninja").read_text(), re.M | re.S)
    assert flags and all("-Wno-error" in of_one.split("-Werror")[1] for of_one in flags), "another project's -Werror stops us"
    (libraries / "pkgconfig").mkdir(parents=True)
    shutil.copy(build / "fovea" / "fovea.pc", libraries / "pkgconfig")
    for variable, folder in (("prefix", prefix), ("libdir", libraries), ("includedir", prefix / "include")):
        told = run("pkg-config", f"--variable={variable}", "fovea", env={"PKG_CONFIG_PATH": str(libraries / "pkgconfig")})
        assert pathlib.Path(os.path.normpath(told.strip())) == folder, f"fovea.pc: {variable} is {told}, not {folder}"


def main():
    package = Package(pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve())
    shutil.rmtree(package.work, ignore_errors=True)
    package.work.mkdir()
    check_document(package)
    static = package.install(package.build, "static")
    check_version(package, static)
    check_headers(package, static)

    package.cmake(package.source, package.beside("shared"), "-DBUILD_SHARED_LIBS=ON", "-DFOVEA_TESTS=OFF", "-DFOVEA_TOOL=OFF",
                  "-DFOVEA_WERROR=ON")
    shared = package.install(package.beside("shared"), "shared")
    check_symbols(shared)

    for kind, prefix in (("static", static), ("shared", shared)):
        for project in ("find_package", "c"):
            place = package.work / f"{project}_{kind}"
            package.cmake(package.consumers / project, place, f"-DEXAMPLE={package.example}",
                          f"-DCMAKE_PREFIX_PATH={prefix}")
            package.run_app(place)
    for kind, prefix in (("static", static), ("shared", shared)):
        place = package.work / f"pkg_config_{kind}"
        place.mkdir()
        run("make", "-f", package.consumers / "pkg_config" / "Makefile", f"EXAMPLE={package.example}",
            f"CXX={package.compiler}", cwd=place, env=pkg_config(prefix))
        package.run_app(place, {"LD_LIBRARY_PATH": str(next(prefix.glob("lib*")))})
    (package.beside("subdirectory") / "CMakeCache.txt").unlink(missing_ok=True)  # what leaks is to be of today
    package.cmake(package.consumers / "subdirectory", package.beside("subdirectory"), f"-DEXAMPLE={package.example}",
                  f"-DFOVEA={package.source}", "-DFOVEA_WERROR=ON")
    package.run_app(package.beside("subdirectory"))
    check_as_part(package)
    print("package: good")


if __name__ == "__main__":
    main()
