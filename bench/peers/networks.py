"""Whole networks: what is measured, and the rows of raw figures.

A side is a peer and its variant: "pytorch channels_last bf16".
"""
import dataclasses
import functools
import json
import re

from figures import rounded
from peers import ours, take_turns


@dataclasses.dataclass(frozen=True)
class Case:
    network: str
    input: str  # CxHxW
    batch: int
    classes: int
    mode: str  # train or infer
    sides: tuple
    imported: bool = False  # Fovea reads it from the ONNX file that PyTorch writes

    def flags(self):
        return ["--input", self.input, "--batch", str(self.batch), "--classes", str(self.classes)]


FOVEA = ("fovea fast", "fovea direct", "fovea bf16")
PYTORCH = tuple(f"pytorch {layout}{precision}" for precision in ("", " bf16") for layout in ("nchw", "channels_last"))
STEP = FOVEA + PYTORCH
SMALL_STEP = STEP + ("dlib",)
INFERENCE = FOVEA + PYTORCH + ("pytorch frozen", "onnxruntime", "opencv")

IMPORTED = ("fovea fast", "pytorch nchw", "pytorch channels_last", "pytorch frozen", "onnxruntime")

CASES = {
    "train": [
        Case("resnet18", "3x32x32", 128, 10, "train", STEP),
        Case("vgg16_bn", "3x32x32", 128, 10, "train", STEP),
        Case("resnet50", "3x224x224", 16, 1000, "train", STEP),
        Case("mobilenet_v2", "3x224x224", 16, 1000, "train", STEP),
        Case("threelayer", "3x32x32", 50, 10, "train", SMALL_STEP),
        Case("lenet5", "1x28x28", 64, 10, "train", SMALL_STEP),
    ],
    "infer": [
        Case(network, "3x224x224", batch, 1000, "infer", INFERENCE)
        for network in ("resnet18", "resnet50", "vgg16", "mobilenet_v2") for batch in (1, 16)
    ],
    "import": [
        Case(network, "3x224x224", batch, 1000, "infer", IMPORTED, imported=True)
        for network in ("efficientnet_b0", "mobilenet_v3_large", "convnext_tiny", "resnext50") for batch in (1, 16)
    ] + [Case("unet", "3x224x224", batch, 2, "infer", IMPORTED, imported=True) for batch in (1, 16)],
}


def measure(peers, side, case, threads, seconds):
    """One turn of a side."""
    command = peers.command(side, case, threads, seconds)
    return peers.undisturbed(threads, lambda: probed(peers, side, command, threads), lambda answer: answer["peak_gflops"])


def probed(peers, side, command, threads):
    """The answer of a command between two probes of the peak."""
    before = peers.peak(threads)
    answer = json.loads(peers.run(command, threads))
    answer["peak_gflops"] = (before + peers.peak(threads)) / 2
    peers.versions[side.split()[0]] = answer.get("version")
    return answer


def row_of(peers, case, threads, rounds, seconds):
    turns = take_turns(rounds, {side: functools.partial(measure, peers, side, case, threads, seconds) for side in case.sides})
    kept = ("milliseconds", "idle_mib", "peak_mib", "peak_gflops")
    sides = {side: answers if isinstance(answers, str) else [{key: rounded(answer[key]) for key in kept} for answer in answers]
             for side, answers in turns.items()}
    return {"name": f"{case.network}, {case.input}, batch {case.batch}", "batch": case.batch, "threads": threads,
            **{key: rounded(ours(turns, "fovea fast")[0][key]) for key in ("gflop", "gbyte")}, "sides": sides}


def rows(cases, peers, options):
    """The rows of the table as they are measured."""
    for case in cases:
        for threads in options.threads if re.search(options.only, case.network) else ():
            yield row_of(peers, case, threads, options.rounds, options.seconds)
