#!/usr/bin/env python3
"""The tool as a user meets it: commands, exit codes, messages.

usage: tool_test.py FOVEA
"""
import json
import os
import pathlib
import random
import resource
import signal
import struct
import subprocess
import sys
import tempfile
import time
import unittest
import zlib

FOVEA = pathlib.Path(sys.argv.pop(1)).resolve() if __name__ == "__main__" else None


def fovea(*words, env=None, before=None):
    full = {**os.environ, **(env or {})}
    return subprocess.run([FOVEA, *map(str, words)], capture_output=True, text=True, env=full, check=False,
                          preexec_fn=before)


def small_files_only():
    """Stands in for a full disk: writing fails in the same place, with EFBIG."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100000, resource.RLIM_INFINITY))


def write_cifar(folder, images=40):
    """A tiny CIFAR-10: the class is the brightness of the first rows."""
    generator = random.Random(3)
    for name in [f"data_batch_{i}" for i in range(1, 6)] + ["test_batch"]:
        data = bytearray()
        for _ in range(images):
            label = generator.randrange(10)
            data.append(label)
            data += bytes(25 * label if p % 1024 < 300 else generator.randrange(256) for p in range(3072))
        (folder / f"{name}.bin").write_bytes(data)


def write_png(path, width, height, red, blue=lambda y: 90):
    """A plain PNG: red where the class says so, green by the column, blue by the row."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + bytes(v for x in range(width) for v in (red, x * 255 // width, blue(y))) for y in range(height))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)) +
                     chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


class ToolTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory()
        cls.folder = pathlib.Path(cls.temporary.name)
        write_cifar(cls.folder)
        cls.data = f"cifar10:{cls.folder}"
        cls.run_folder = cls.folder / "run"
        cls.train = ["train", "--data", cls.data, "--network", "lenet5", "--epochs", 2, "--batch", 16, "--out"]
        done = fovea(*cls.train, cls.run_folder)
        assert done.returncode == 0, done.stderr

    @classmethod
    def tearDownClass(cls):
        cls.temporary.cleanup()

    def test_a_run_leaves_what_it_promises(self):
        for name in ("config.toml", "metrics.csv", "result.json", "best.safetensors", "last.safetensors", "report.html"):
            self.assertTrue((self.run_folder / name).exists(), name)
        result = json.loads((self.run_folder / "result.json").read_text())
        self.assertEqual(result["test_total"], 40)
        self.assertAlmostEqual(result["test_top1"], result["test_correct"] / 40)

    def test_eval_agrees_with_the_run(self):
        result = json.loads((self.run_folder / "result.json").read_text())
        for model in (self.run_folder, self.run_folder / "best.safetensors"):
            done = fovea("eval", model, "--data", self.data, "--json")
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(json.loads(done.stdout)["correct"], result["test_correct"])

    def test_equal_runs_give_equal_bytes_on_every_instruction_set(self):
        results = set()
        for isa in json.loads(fovea("doctor", "--json").stdout)["available"]:
            for threads in (1, 3):
                out = self.folder / f"run_{isa}_{threads}"
                done = fovea(*self.train, out, "--max-steps", 3, "--threads", threads, env={"FOVEA_ISA": isa})
                self.assertEqual(done.returncode, 0, done.stderr)
                results.add((out / "last.safetensors").read_bytes())
        self.assertEqual(len(results), 1)

    def test_less_memory_gives_the_same_bytes_and_may_begin_within_a_run(self):
        train = ["train", "--data", self.data, "--network", "resnet20", "--batch", 40, "--out"]
        one, two = self.folder / "memory_normal", self.folder / "memory_low"
        for words in ((*train, one, "--max-steps", 2), (*train, two, "--max-steps", 1),
                      ("train", "--resume", two, "--max-steps", 2, "--memory", "low")):
            done = fovea(*words)
            self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual((one / "last.safetensors").read_bytes(), (two / "last.safetensors").read_bytes())

    def test_a_folder_of_photos_trains_predicts_and_is_checked(self):
        photos, out = self.folder / "photos", self.folder / "photos_run"
        generator = random.Random(5)
        for split, count in (("train", 30), ("test", 6)):
            for name, red in (("dark", 20), ("light", 220)):
                for i in range(count):
                    write_png(photos / split / name / f"{i}.png", 30 + generator.randrange(40), 30 + generator.randrange(40),
                              red + generator.randrange(30))
        self.assertEqual(fovea("data", "check", photos).returncode, 0)
        train = ["train", "--data", f"folder:{photos}", "--network", "lenet5", "--epochs", 4, "--batch", 8, "--out"]
        self.assertEqual(fovea(*train, out).returncode, 0)
        result = json.loads(fovea("eval", out, "--data", f"folder:{photos}", "--json").stdout)
        self.assertEqual((result["total"], result["top1"], result["top5"]), (12, 1, 1))
        test = photos / "test"
        lines = [json.loads(line) for line in fovea("predict", out, test, "--json", "--top", 2).stdout.splitlines()]
        self.assertEqual([pathlib.Path(line["file"]).parent.name for line in lines], [line["top"][0]["class"] for line in lines])
        one = fovea("predict", out, test / "dark" / "3.png", "--json", "--top", 2)
        self.assertIn(json.loads(one.stdout), lines)  # alone or among others: the same bits
        pattern = fovea("predict", out, f"{test}/dark/*.png", "--csv")
        self.assertEqual(len(pattern.stdout.splitlines()), 7)
        (photos / "train" / "dark" / "7.png").write_bytes(b"GIF89a")
        check = fovea("data", "check", photos)
        self.assertEqual(check.returncode, 1)
        self.assertIn("begins as a GIF", check.stdout)
        failed = fovea(*train, self.folder / "photos_bad")
        self.assertEqual(failed.returncode, 3)
        self.assertIn("--on-bad skip", failed.stderr)
        skipped = fovea(*train, self.folder / "photos_skip", "--on-bad", "skip", "--max-steps", 1)
        self.assertEqual(skipped.returncode, 0)
        self.assertIn("left out", skipped.stdout)
        bad = fovea("predict", out, photos / "train" / "dark" / "7.png", test / "dark" / "1.png")
        self.assertEqual((bad.returncode, len(bad.stdout.splitlines())), (3, 1))
        other = fovea("train", "--data", f"folder:{photos}", "--network", self.run_folder / "best.safetensors", "--size", 40,
                      "--on-bad", "skip", "--out", self.folder / "x")
        self.assertEqual(other.returncode, 3)
        self.assertIn("--size 32 brings photos to it", other.stderr)
        useless = fovea("predict", out, test / "dark" / "1.png", "--nms", 0.3)
        self.assertEqual(useless.returncode, 2)
        self.assertIn("--nms does nothing for a classifier", useless.stderr)

    def test_lists_of_darknet_are_data(self):
        folder = self.folder / "lists"
        for split, count in (("train", 8), ("valid", 2)):
            names = [folder / f"{split}_{i}_{name}.png" for name in ("dark", "light") for i in range(count)]
            for name in names:
                write_png(name, 36, 36, 20 if "dark" in name.name else 220)
            (folder / f"{split}.list").write_text("\n".join(map(str, names)) + "\n")
        (folder / "labels.txt").write_text("dark\nlight\n")
        data = folder / "my.data"
        data.write_text(f"classes=2\ntrain = {folder}/train.list\nvalid = {folder}/valid.list\nlabels = {folder}/labels.txt\n")
        done = subprocess.run([FOVEA, "train", "--data", data, "--network", "lenet5", "--epochs", "1", "--batch", "4"], cwd=folder,
                              capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        result = json.loads((folder / "runs/my-lenet5/result.json").read_text())
        self.assertEqual(result["test_total"], 4)
        done = fovea("eval", folder / "runs/my-lenet5", "--data", data, "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(set(json.loads(done.stdout)["per_class"]), {"dark", "light"})

    def test_a_run_is_predicted_with_its_own_numerics_and_views(self):
        photos, out = self.folder / "direct_photos", self.folder / "direct_run"
        for name, red in (("dark", 20), ("light", 220)):
            for i in range(10):
                write_png(photos / "train" / name / f"{i}.png", 32, 32, red + i)
        trained = fovea("train", "--data", f"folder:{photos}", "--network", "resnet20", "--numerics", "direct", "--tta", "mirror",
                        "--size", 32, "--batch", 8, "--max-steps", 1, "--out", out)
        self.assertEqual(trained.returncode, 0, trained.stderr)
        model, photo = out / "last.safetensors", photos / "train" / "dark" / "3.png"
        said = {(given, numerics): fovea("predict", given, photo, "--json", "--top", 2, *numerics).stdout
                for given in (out, model) for numerics in ((), ("--numerics", "direct"), ("--numerics", "fast"), ("--tta", "none"))}
        self.assertEqual(said[out, ()], said[out, ("--numerics", "direct")])
        self.assertNotEqual(said[out, ()], said[out, ("--tta", "none")])
        self.assertNotEqual(said[out, ()], said[out, ("--numerics", "fast")])
        self.assertEqual(said[model, ()], said[model, ("--numerics", "fast")])

    def test_summary_counts(self):
        done = fovea("summary", "resnet20", "--input", "3x32x32", "--json")
        summary = json.loads(done.stdout)
        self.assertEqual(summary["parameters"], 272474)
        self.assertEqual(sum(layer["parameters"] for layer in summary["layers"]), 272474)

    def test_a_network_of_ones_own_is_a_json_file(self):
        graph = json.loads(fovea("summary", "lenet5", "--input", "3x32x32", "--graph").stdout)
        path = self.folder / "mine.json"
        path.write_text(json.dumps(graph))
        trained = fovea("train", "--data", self.data, "--network", path, "--batch", 16, "--max-steps", 1, "--out",
                        self.folder / "mine")
        self.assertEqual(trained.returncode, 0, trained.stderr)
        node = next(n for n in graph["nodes"] if n["type"] == "conv2d")
        node["hyper"]["filters"] = 0
        path.write_text(json.dumps(graph))
        refused = fovea("summary", path)
        self.assertEqual(refused.returncode, 3)
        for word in ("mine.json", node["name"], "filters is 0"):
            self.assertIn(word, refused.stderr)

    def test_bench_measures_every_layer(self):
        for mode in ("train", "infer"):
            done = fovea("bench", "lenet5", "--batch", 8, "--mode", mode, "--seconds", 0.05, "--json")
            result = json.loads(done.stdout)
            for key in ("images_per_second", "milliseconds", "idle_mib"):
                self.assertGreater(result[key], 0)
            self.assertGreater(result["peak_mib"], result["idle_mib"])
            products = 32 * 32 * 6 * 3 * 25 + 12 * 12 * 16 * 6 * 25 + 576 * 120 + 120 * 84 + 84 * 10
            # No step computes the gradient of the images.
            passes = 3 * products - 32 * 32 * 6 * 3 * 25 if mode == "train" else products
            self.assertAlmostEqual(result["gflop"], 2 * 8 * passes / 1e9)
            # The images, and what each layer reads and writes; a padded last block of channels counts.
            self.assertGreater(result["gbyte"], 8 * (3 * 32 * 32 + 2 * 16 * 28 * 28) * 4 / 1e9)
            self.assertGreater(result["layers"][0]["gbs"], 0)
            names = ["conv1", "relu1+pool1", "conv2"] if mode == "train" else ["conv1+relu1", "pool1", "conv2+relu2"]
            self.assertEqual([layer["name"] for layer in result["layers"]][:3], names)
            self.assertGreater(result["layers"][0]["milliseconds"], 0)

    @unittest.skipIf(FOVEA and any(name in FOVEA.read_bytes() for name in (b"__asan_init", b"__tsan_init")),
                     "a sanitizer takes memory of its own")
    def test_summary_foretells_the_memory_of_training(self):
        # Weights, their gradients, the optimizer's state and the activations are each a good part of this network's memory, which
        # is why --memory low takes little away; engine/recomputation_test.cc has how much it does of the activations.
        peaks = []
        for flags in (("--memory", "normal"), ("--memory", "low"), ("--precision", "bf16")):
            network = ("resnet18", "--input", "3x32x32", "--batch", 16, "--threads", 2, *flags, "--json")
            foretold = json.loads(fovea("summary", *network).stdout)["training_bytes"] / 2**20
            measured = json.loads(fovea("bench", *network, "--seconds", 0).stdout)
            peaks.append(measured["peak_mib"] - measured["idle_mib"])
            # 5 %: huge pages, or none; the libraries' own tables.
            self.assertAlmostEqual(foretold / peaks[-1], 1, delta=0.05, msg=flags)
        self.assertLess(max(peaks[1:]), peaks[0])

    def test_gradcheck_passes_and_says_so(self):
        for network in (["lenet5", "--input", "1x28x28"], ["resnet20"]):
            done = fovea("gradcheck", *network, "--fast", "--json")
            self.assertEqual(done.returncode, 0, done.stdout)
            self.assertTrue(json.loads(done.stdout)["passed"])

    def test_summary_of_what_is_too_large_is_its_table(self):
        done = fovea("summary", "resnet18", "--input", "3x8192x8192", "--batch", 4096)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("conv", done.stdout)
        self.assertIn("more memory than this machine has to train on batches of 4096", done.stdout)

    def test_mistakes_get_one_clear_line_and_their_exit_code(self):
        truncated = self.folder / "truncated"
        truncated.mkdir(exist_ok=True)
        for file in self.folder.glob("*.bin"):
            (truncated / file.name).write_bytes(file.read_bytes()[:5000])
        (self.folder / "bad.safetensors").write_bytes(b"not a model")
        cases = [
            (2, "did you mean", ["trian"]),
            (2, "did you mean", ["train", "--epoch", "3"]),
            (2, "resnet20", ["summary", "resnet02"]),
            (2, "glyphs", ["train", "--data", "glyph", "--out", self.folder / "x"]),
            (2, "--resume", [*self.train, self.run_folder]),
            (2, "batch", ["train", "--batch", "0", "--out", self.folder / "x"]),
            (2, "0.1abc", ["train", "--val", "0.1abc", "--out", self.folder / "x"]),
            (2, "lr", ["train", "--resume", self.run_folder, "--lr", "3"]),
            (3, "truncated", ["train", "--data", f"cifar10:{truncated}", "--out", self.folder / "x"]),
            (3, "bad.safetensors", ["eval", self.folder / "bad.safetensors", "--data", "glyphs"]),
            (3, "larger than the padded map", ["summary", "lenet5", "--input", "1x4x4"]),
            (4, "nowhere", ["eval", self.folder / "nowhere", "--data", "glyphs"]),
            (4, "/dev/null", ["train", "--data", self.data, "--out", "/dev/null/run"]),
            (5, "not finite", [*self.train, self.folder / "diverged", "--lr", "1000", "--momentum", "1",
                               "--schedule", "constant", "--warmup", "0", "--epochs", "50"]),
        ]
        for code, text, words in cases:
            done = fovea(*words)
            self.assertEqual(done.returncode, code, f"{words}: {done.stderr}")
            self.assertIn(text, done.stderr, words)
            self.assertNotIn("terminate", done.stderr)
        self.assertFalse((self.folder / "x").exists(), "a failed run left a folder")
        self.assertEqual(fovea("doctor", env={"FOVEA_ISA": "sse9"}).returncode, 2)

    def test_flips_and_groups_are_flags_and_lines_of_a_file(self):
        flags = ["--max-steps", 2, "--groups", "conv1.* epochs=0", "fc3.* lr=0.001 optimizer=adam"]
        for name, flip, line in (("bare", ["--flip"], "flip = 'random'"), ("named", ["--flip", "alternate"], "flip = 'alternate'"),
                                 ("last", ["--crop", 2, "--flip", "--batch", 16], "flip = 'random'")):
            out = self.folder / f"flip_{name}"
            done = fovea(*self.train, out, *flip, *flags)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn(line, (out / "config.toml").read_text())
        again = self.folder / "flip_again"
        done = fovea("train", "--config", out / "config.toml", "--out", again)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual((again / "last.safetensors").read_bytes(), (out / "last.safetensors").read_bytes())
        for text, words in (("names no parameter", "conv9.* lr=1"), ('did you mean "lr"', "conv1.* rl=1")):
            done = fovea(*self.train, self.folder / "x", "--groups", words)
            self.assertEqual(done.returncode, 2, done.stderr)
            self.assertIn(text, done.stderr)

    def test_views_of_the_test_images_belong_to_the_run(self):
        out = self.folder / "views"
        done = fovea(*self.train, out, "--tta", "mirror+shift", "--max-steps", 8)
        self.assertEqual(done.returncode, 0, done.stderr)
        told = json.loads((out / "result.json").read_text())["test_loss"]
        losses = [json.loads(fovea("eval", out, "--data", self.data, "--json", *flags).stdout)["loss"]
                  for flags in ([], ["--tta", "none"], ["--tta", "mirror"])]
        self.assertAlmostEqual(losses[0], told, places=6)
        self.assertEqual(len(set(losses)), 3)
        self.assertEqual(fovea("eval", out, "--data", self.data, "--tta", "miror").returncode, 2)

    def test_a_mistake_in_a_file_is_told_by_its_line(self):
        toml = self.folder / "bad.toml"
        for text, message in (("epochs = 3\nbach = 8\n", 'did you mean "batch"'), ("lr = 1.0\nbatch = 'x'\n", "batch"),
                              ("lr = 1.0\nepochs = 0\n", "epochs is 0"), ("lr = 1.0\nepochs = = 3\n", "")):
            toml.write_text(text)
            done = fovea("train", "--config", toml, "--out", self.folder / "x")
            self.assertEqual(done.returncode, 3, done.stderr)
            self.assertIn("bad.toml line 2", done.stderr)
            self.assertIn(message, done.stderr)

    def test_the_config_of_a_run_repeats_it(self):
        again = self.folder / "again"
        done = fovea("train", "--config", self.run_folder / "config.toml", "--out", again)
        self.assertEqual(done.returncode, 0, done.stderr)
        for name in ("best.safetensors", "last.safetensors"):
            self.assertEqual((again / name).read_bytes(), (self.run_folder / name).read_bytes())

    def test_a_run_knows_which_images_it_held_back(self):
        totals = [json.loads(fovea("eval", self.run_folder, "--data", self.data, "--split", split, "--json").stdout)["total"]
                  for split in ("train", "val")]
        self.assertEqual(sum(totals), 200)
        self.assertGreater(totals[1], 0)

    def test_a_resumed_run_may_only_end_later(self):
        out = self.folder / "later"
        self.assertEqual(fovea(*self.train, out, "--max-steps", 5).returncode, 0)
        before = (out / "last.safetensors").read_bytes()
        for change in (("--batch", 8), ("--seed", 9), ("--network", "threelayer"), ("--epochs", 1)):
            self.assertEqual(fovea("train", "--resume", out, *change).returncode, 2, change)
        self.assertEqual((out / "last.safetensors").read_bytes(), before)
        copy = self.folder / "copy"
        done = fovea("train", "--resume", out, "--max-steps", 0, "--threads", 1, "--out", copy)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual((out / "last.safetensors").read_bytes(), before)
        self.assertEqual((copy / "last.safetensors").read_bytes(), (self.run_folder / "last.safetensors").read_bytes())

    def test_a_run_killed_before_its_first_checkpoint_can_go_on(self):
        out = self.folder / "early"
        out.mkdir()
        (out / "config.toml").write_bytes((self.run_folder / "config.toml").read_bytes())
        done = fovea("train", "--resume", out)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual((out / "last.safetensors").read_bytes(), (self.run_folder / "last.safetensors").read_bytes())

    def test_a_full_disk_leaves_the_old_checkpoint(self):
        out = self.folder / "full"
        self.assertEqual(fovea(*self.train, out, "--max-steps", 5).returncode, 0)
        before = (out / "last.safetensors").read_bytes()
        done = fovea("train", "--resume", out, "--max-steps", 0, before=small_files_only)
        self.assertEqual(done.returncode, 4, done.stderr)
        self.assertIn(".safetensors", done.stderr)
        self.assertEqual((out / "last.safetensors").read_bytes(), before)
        self.assertEqual([f.name for f in out.iterdir() if f.name.endswith(".tmp")], [])

    def test_a_model_carries_answers_and_replays_them_wherever_it_goes(self):
        best, moved = self.run_folder / "best.safetensors", self.folder / "moved.safetensors"
        self.assertEqual(fovea("convert", self.run_folder, moved).returncode, 0)
        self.assertEqual(moved.read_bytes(), best.read_bytes())
        for model in (self.run_folder, moved):
            done = fovea("verify", model, env={"FOVEA_ISA": "baseline"})
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("2 of 2 answers are the same, bit for bit", done.stdout)
        damaged = bytearray(best.read_bytes())
        damaged[-2] ^= 1  # in the upper half of the last weight
        moved.write_bytes(damaged)
        done = fovea("verify", moved)
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertIn("not the model that gave them", done.stdout)

    def test_a_description_is_a_network_without_weights(self):
        cfg, graph, made = (self.folder / name for name in ("small.cfg", "small.json", "made.safetensors"))
        cfg.write_text("[net]\nheight=8\nwidth=8\nchannels=3\n[convolutional]\nfilters=2\nsize=3\n[avgpool]\n[softmax]\n")
        graph.write_text(fovea("summary", cfg, "--graph").stdout)
        for description in (cfg, graph):
            self.assertEqual(fovea("convert", description, made).returncode, 0)
            self.assertEqual(fovea("verify", made).returncode, 0)
            done = fovea("predict", description, "x.png")
            self.assertEqual(done.returncode, 2)
            self.assertIn("has no weights", done.stderr)
        self.assertIn("parameters  56", fovea("inspect", cfg).stdout)

    def test_weights_alone_go_to_pytorch_and_back(self):
        weights, names, back = (self.folder / name for name in ("weights.safetensors", "names.txt", "back.safetensors"))
        names.write_text("fc1 = classifier.0  # and the rest as it is\n")
        done = fovea("convert", self.run_folder, weights, "--names", names)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(b"classifier.0.weight", weights.read_bytes()[:4000])
        into = ["--network", "lenet5", "--shape", "3x32x32", "--classes", 10]
        done = fovea("convert", weights, back, *into, "--names", names)
        self.assertEqual(done.returncode, 0, done.stderr)
        done = fovea("eval", back, "--data", self.data, "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        done = fovea("convert", weights, self.folder / "x.safetensors", *into)
        self.assertEqual(done.returncode, 3)
        self.assertIn("2 missing: fc1.weight, fc1.bias; 2 left over: classifier.0.bias, classifier.0.weight", done.stderr)
        self.assertFalse((self.folder / "x.safetensors").exists())
        prepare = ["--names", names, "--deviation", 0.5, "--mean"]
        done = fovea("convert", weights, back, *into, *prepare, "0.5,0.25,0.125")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(rb'{\"deviation\":[0.5,0.5,0.5],\"mean\":[0.5,0.25,0.125]}', back.read_bytes())
        done = fovea("convert", weights, back, *into, *prepare, "0.5,0.25")
        self.assertEqual(done.returncode, 2)
        self.assertIn("--mean has 2 numbers; the network reads 3 channels", done.stderr)

    def test_a_network_that_gives_no_scores_leaves_no_run(self):
        cfg, out = self.folder / "map.cfg", self.folder / "map_run"
        cfg.write_text("[net]\nheight=32\nwidth=32\nchannels=3\n[convolutional]\nfilters=12\nsize=3\nactivation=linear\n")
        done = fovea("train", "--data", self.data, "--network", cfg, "--out", out)
        self.assertEqual(done.returncode, 3)
        self.assertIn("a score for each class", done.stderr)
        cfg.write_text(cfg.read_text() + "[yolo]\nmask=0,1\nanchors=4,4, 8,8\nnum=2\nclasses=1\n")
        done = fovea("train", "--data", self.data, "--network", cfg, "--out", out)
        self.assertEqual(done.returncode, 2)
        self.assertIn("map.cfg is a detector", done.stderr)
        self.assertFalse(out.exists())

    def test_training_starts_from_a_model_file(self):
        out = self.folder / "tuned"
        done = fovea("train", "--data", self.data, "--network", self.run_folder / "best.safetensors", "--out", out,
                     "--epochs", 1, "--batch", 16, "--lr", 1e-30)
        self.assertEqual(done.returncode, 0, done.stderr)
        result = json.loads((self.run_folder / "result.json").read_text())
        self.assertEqual(json.loads((out / "result.json").read_text())["test_correct"], result["test_correct"])
        done = fovea("train", "--data", self.data, "--network", self.folder / "test_batch.bin", "--out", self.folder / "x")
        self.assertNotEqual(done.returncode, 0)

    def test_a_network_may_have_more_outputs_than_the_data_has_classes(self):
        out = self.folder / "more"
        done = fovea(*self.train, out, "--max-steps", 2, "--classes", 12)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("class 11", (out / "report.html").read_text())
        done = fovea(*self.train, self.folder / "fewer", "--classes", 3)
        self.assertEqual(done.returncode, 3)
        self.assertIn("tells 3 classes apart", done.stderr)
        self.assertFalse((self.folder / "fewer").exists())

    def test_a_signal_saves_and_says_how_to_go_on(self):
        out = self.folder / "stopped"
        process = subprocess.Popen([FOVEA, *map(str, self.train), out, "--epochs", "2000"], stdout=subprocess.PIPE,
                                   text=True)
        deadline = time.time() + 60
        while not (out / "last.safetensors").exists() and time.time() < deadline:
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        text, _ = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 130)
        self.assertIn(f"--resume {out}", text)


if __name__ == "__main__":
    unittest.main(verbosity=1)
