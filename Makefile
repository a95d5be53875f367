# Everything starts here; `make` alone lists the targets. The work is done by CMake presets and scripts/.
.DEFAULT_GOAL := help
.PHONY: help train test build python quick check check-long fuzz bench bench-peers fmt clean setup

help:  ## list the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' Makefile

setup:
	@scripts/setup

train: setup  ## set up, build, train on the built-in digits, write runs/first/report.html
	@$(MAKE) --no-print-directory build
	@scripts/set-aside runs/first
	build/release/fovea train --data glyphs --network glyphnet --epochs 4 --out runs/first

test: setup  ## set up, build and run every test
	scripts/setup python
	cmake --preset dev
	cmake --build --preset dev
	ctest --preset dev -LE long

build: setup  ## the library and the tool alone: build/release/fovea
	cmake --preset release
	cmake --build --preset release

python: setup  ## the Python package: PYTHONPATH=build/release/python
	scripts/setup python
	cmake --preset release -DFOVEA_PYTHON=ON
	cmake --build --preset release --target fovea_python

quick: setup  ## tests of the rooms that the last change touched, and of those above them
	cmake --preset dev >/dev/null
	cmake --build --preset dev
	ctest --preset dev -LE long -L "$$(scripts/changed-rooms)"

check: setup  ## format, layering, symbols of the kernels, and the tests under ASan and UBSan
	scripts/setup check
	scripts/check-format
	cmake --preset asan-ubsan
	cmake --build --preset asan-ubsan
	ctest --preset asan-ubsan -LE long

check-long: check  ## TSan, clang, aarch64 under an emulator, clang-tidy, fuzzers, long tests
	scripts/setup check-long
	ctest --preset asan-ubsan -L long -E '^tool_kills$$'
	cmake --preset tsan && cmake --build --preset tsan && ctest --preset tsan
	cmake --preset clang && cmake --build --preset clang && ctest --preset clang
	cmake --preset aarch64 && cmake --build --preset aarch64 && ctest --preset aarch64
	scripts/check-tidy
	cmake --preset fuzz && cmake --build --preset fuzz && scripts/fuzz

fuzz: setup  ## readers of files under libFuzzer and ASan, half a minute each; an hour: ARGS=3600
	scripts/setup fuzz
	cmake --preset fuzz && cmake --build --preset fuzz
	scripts/fuzz $(ARGS)

bench: setup  ## kernels beside the machine's peak
	scripts/setup bench
	cmake --preset bench && cmake --build --preset bench --target fovea_kernels_bench
	build/bench/src/fovea/kernels/fovea_kernels_bench --benchmark_min_time=0.02 --benchmark_repetitions=9

bench-peers: setup  ## beside PyTorch, oneDNN, ONNX Runtime, OpenCV, dlib: docs/results/benchmarks.md; options: ARGS="..."
	scripts/setup bench
	cmake --preset bench && cmake --build --preset bench
	bench/peers/run.py $(ARGS)

fmt:  ## format the sources
	scripts/check-format --fix

clean:  ## remove the builds
	rm -rf build
