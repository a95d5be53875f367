"""The peers on this machine: how each is asked, what makes it fast, and how to get it where it is missing."""
import os
import pathlib
import shutil
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
LIMIT = 1800  # seconds after which a program counts as failed
UNDISTURBED = 0.8  # of the best peak that the machine has given: below it, somebody else has its cores
TRIES = 6


class NotInstalled(Exception):
    pass


class Peers:
    """`build` is the build folder, `python` the interpreter with PyTorch, `cache` holds npm's packages and the ONNX files."""

    def __init__(self, build, python, cache):
        self.build, self.python, self.cache = build, python, cache
        self.missing = {name: hint for name, (there, hint) in self._wanted().items() if not there}
        self.versions = {}  # of the peers that have answered
        self.best_peak = {}  # by the count of threads
        self._onnx = {}

    def _wanted(self):
        torch = subprocess.run([self.python, "-c", "import torch"], capture_output=True, check=False).returncode == 0
        blas = fast_blas()
        node = shutil.which("node") and (self.cache / "node_modules" / "onnxruntime-node").exists()
        return {
            "pytorch": (torch and blas, "apt-get install python3-torch libopenblas0-openmp"),
            "dlib": (self.program("dlib").exists() and blas, "apt-get install libdlib-dev libopenblas0-openmp"),
            "opencv": (self.program("opencv").exists() and torch, "apt-get install libopencv-dnn-dev python3-torch"),
            "onednn": (self.program("onednn").exists(), "apt-get install libdnnl-dev"),
            "onnxruntime": (node and torch, "apt-get install python3-torch nodejs npm; npm install --ignore-scripts "
                                            f"--prefix {self.cache} onnxruntime-node"),
        }

    def program(self, name):
        return self.build / "bench" / "peers" / f"fovea_peer_{name}"

    def command(self, side, case, threads, seconds):
        """Every peer takes the flags of `fovea bench` and answers with one line of JSON."""
        peer, *variant = side.split()
        if peer in self.missing:
            raise NotInstalled(peer)
        asked = [case.network, *case.flags(), "--mode", case.mode, "--threads", str(threads), "--seconds", str(seconds)]
        if peer == "fovea":
            choice = ["--precision", "bf16"] if variant == ["bf16"] else ["--numerics", *variant]
            network = self._onnx_of(case) if case.imported else case.network
            return [self.build / "fovea", "bench", network, *asked[1:], *choice, "--json"]
        if peer == "pytorch":
            layout, precision = variant[0], (variant[1:] or ["f32"])[0]
            return [self.python, HERE / "pytorch.py", *asked, "--layout", layout, "--precision", precision]
        if peer == "onnxruntime":
            return ["node", HERE / "onnxruntime.js", *asked, "--onnx", self._onnx_of(case)]
        return [self.program(peer), *asked, *(["--onnx", self._onnx_of(case)] if peer == "opencv" else [])]

    def _onnx_of(self, case):
        """The network's file, written by PyTorch once in each run of the benchmarks."""
        if case not in self._onnx:
            path = self.cache / f"{case.network}-{case.input}-b{case.batch}.onnx"
            self.run([self.python, HERE / "pytorch.py", case.network, *case.flags(), "--export", path], 1)
            self._onnx[case] = path
        return self._onnx[case]

    def peak(self, threads):
        """GFLOP/s that the machine reaches now."""
        return float(self.run([self.program("peak"), str(threads)], threads))

    def undisturbed(self, threads, measure, peak_of, sleep=time.sleep):
        """What measure() gives, asked again where the peak probed beside it, peak_of(answer), shows that the machine was shared;
        the answer with the highest peak when it always was."""
        answers = []
        for wait in range(TRIES):
            answers.append(measure())
            peak = peak_of(answers[-1])
            self.best_peak[threads] = max(peak, self.best_peak.get(threads, 0))
            if peak >= UNDISTURBED * self.best_peak[threads]:
                break
            sleep(5 * wait)
        return max(answers, key=peak_of)

    def run(self, command, threads):
        """What the command prints."""
        env = {**os.environ, "OMP_NUM_THREADS": str(threads), "OPENBLAS_NUM_THREADS": str(threads),
               "NODE_PATH": str(self.cache / "node_modules")}
        if "avx512f" in pathlib.Path("/proc/cpuinfo").read_text():
            env["ATEN_CPU_CAPABILITY"] = "avx512"  # PyTorch stops at AVX2 by itself
            env["OPENBLAS_CORETYPE"] = "SkylakeX"  # OpenBLAS takes processors younger than itself for older ones
        return subprocess.run(command, check=True, capture_output=True, text=True, timeout=LIMIT, env=env).stdout


def fast_blas():
    """Whether the system's BLAS is another than the reference, with which PyTorch and dlib are not at their best."""
    found = [path.resolve() for path in pathlib.Path("/usr/lib").glob("*/libblas.so.3")]
    return any(path.parent.name != "blas" for path in found)


def reason(error):
    """The last line that a failed program wrote."""
    lines = (getattr(error, "stderr", None) or "").strip().splitlines()
    return lines[-1].strip() if lines else str(error)


def take_turns(rounds, measures):
    """Calls the functions in turn, {side: function}, round after round; gives {side: [what it returned]}, or a side's
    "not installed" or "failed: " with the reason."""
    turns = {side: [] for side in measures}
    for _ in range(rounds):
        for side, measure in measures.items():
            if isinstance(turns[side], str):
                continue
            try:
                turns[side].append(measure())
            except NotInstalled:
                turns[side] = "not installed"
            except subprocess.SubprocessError as error:
                turns[side] = f"failed: {reason(error)}"
                print(f"{side} {turns[side]}", file=sys.stderr, flush=True)
    return turns


def ours(turns, side):
    """Fovea's turns; the run ends where Fovea itself has failed."""
    if isinstance(turns[side], str):
        raise SystemExit(f"{side} {turns[side]}")
    return turns[side]
