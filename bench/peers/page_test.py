#!/usr/bin/env python3
"""From raw figures to the page: medians, the better variant, ratios, what is missing.

usage: page_test.py
"""
import subprocess
import unittest

import figures
import page
import plot
import run
from peers import NotInstalled, Peers, take_turns


def turns(*milliseconds, idle=10, peak=110):
    return [{"milliseconds": m, "idle_mib": idle, "peak_mib": peak, "peak_gflops": 200} for m in milliseconds]


STEP = {"name": "net, 3x32x32, batch 100", "batch": 100, "threads": 2, "gflop": 40, "gbyte": 0.5, "commit": "abc", "sides": {
    "fovea fast": turns(500, 400, 3000), "fovea direct": turns(800, 800, 800), "fovea bf16": turns(200),
    "pytorch nchw": turns(2000, 1500, 1000), "pytorch channels_last": turns(1200, 1250, 1300, idle=200, peak=350),
    "pytorch nchw bf16": turns(250), "pytorch channels_last bf16": "failed: no kernel", "dlib": "not installed"}}
ALONE = {**STEP, "name": "alone", "threads": 1,
         "sides": {"fovea fast": turns(500), "fovea direct": turns(500), "pytorch nchw": "failed: no kernel"}}


def layer(kind, fovea, onednn):
    return {"name": "3x3 64 @8", "pass": kind, "threads": 2, "gflop": 10, "mib": 12.3, "commit": "abc",
            "sides": {"fovea fast": turns(fovea), "fovea direct": turns(2 * fovea), "onednn direct": turns(onednn)}}


FACTS = {"isa": "avx512", "processor": "a processor", "rounds": 3, "seconds": 2, "versions": {"pytorch": "1.13"}}
RAW = {"train": {"facts": FACTS, "rows": [STEP, ALONE]},
       "layers": {"facts": FACTS, "rows": [
           layer("forward", 100, 300), layer("weight-gradient", 100, 50),
           *({**layer(kind, 100, 200), "name": "depthwise"} for kind in ("forward", "backward"))]}}


class PageTest(unittest.TestCase):
    def test_rows_of_an_earlier_run_stay_where_nothing_else_has_changed(self):
        new = {**STEP, "gflop": 41}
        table = run.joined({"facts": FACTS, "rows": [STEP, ALONE, {**STEP, "threads": 1}]}, {**FACTS, "versions": {}}, [new])
        self.assertEqual(table["rows"], [new, {**STEP, "threads": 1}, ALONE])
        self.assertEqual(table["facts"], FACTS)
        for fact in ("isa", "processor", "seconds"):
            self.assertEqual(run.joined({"facts": {**FACTS, fact: "other"}, "rows": [ALONE]}, FACTS, [new])["rows"], [new])

    def test_a_figure_is_the_median_of_the_rounds_and_the_better_layout_counts(self):
        self.assertEqual(figures.milliseconds(STEP, "Fovea"), 500)
        self.assertEqual(figures.milliseconds(STEP, "PyTorch"), 1250)
        self.assertAlmostEqual(figures.gflops(STEP, "Fovea"), 80)
        self.assertAlmostEqual(figures.peak_share(STEP, "Fovea"), 0.4)
        self.assertAlmostEqual(figures.speed_ratio(STEP, ["Fovea"], figures.PEERS), 2.5)
        self.assertIsNone(figures.speed_ratio(ALONE, ["Fovea"], figures.PEERS))

    def test_the_page_has_images_a_second_their_ratios_and_what_is_missing(self):
        text = page.page(RAW)
        row = next(line for line in text.splitlines() if line.startswith("| net, 3x32x32, batch 100 | 2 |"))
        self.assertEqual(row, "| net, 3x32x32, batch 100 | 2 | 200 (40 %) | 125 (25 %) | 500 (100 %) | 80 (16 %) | 400 (80 %) | not installed "
                              "| 2.50 | 1.56 | 1.25 |")
        self.assertIn("| alone | 1 | 200 (40 %) | 200 (40 %) | - | failed | - | - | - | - | - |", text)
        self.assertIn("Failed: net, 3x32x32, batch 100: `pytorch channels_last bf16: no kernel`", text)
        self.assertIn("| Training steps | 2 | 2.50 | 1.56 |", text)

    def test_the_page_names_the_rows_that_were_measured_at_another_commit(self):
        rows = [STEP, {**ALONE, "commit": "def"}, {**STEP, "threads": 1}]
        self.assertIn("Fovea (avx512 kernels) at abc, def for alone (1 thread); pytorch 1.13;",
                      page.page({"train": {"facts": FACTS, "rows": rows}}))

    def test_memory_is_the_least_of_a_librarys_layouts_with_and_without_the_idle_process(self):
        self.assertIn("| net, 3x32x32, batch 100 | 110 (100) | 110 (100) | 110 (100) | 110 (100) | 110 (100) | not installed | 1.00 | 1.00 |",
                      page.page(RAW))

    def test_a_layer_has_its_passes_beside_each_other(self):
        self.assertIn("| 3x3 64 @8 | 12.3 | 100 / - / 100 (50 / - / 50 %) | 50 / - / 50 (25 / - / 25 %) "
                      "| 33.3 / - / 200 (17 / - / 100 %) | 1.50 / - / 0.25 | 3.00 / - / 0.50 |", page.page(RAW))
        self.assertIn("| depthwise | 12.3 | 100 / 100 (50 / 50 %) | 50 / 50 (25 / 25 %) "
                      "| 50 / 50 (25 / 25 %) | 1.00 / 1.00 | 2.00 / 2.00 |", page.page(RAW))

    def test_the_plot_has_a_bar_for_each_network_and_layer_that_has_a_ratio(self):
        bars = dict(plot.bars(RAW))
        self.assertEqual(bars["Training steps, 2 threads"], [("net, 3x32x32, batch 100", 2.5)])
        name, ratio = bars["Convolutions, 2 threads"][0]
        self.assertEqual(name, "3x3 64 @8")
        self.assertAlmostEqual(ratio, (3 * 0.5) ** 0.5)
        self.assertEqual(plot.plot(RAW).count('class="ahead"'), 3)


class TurnsTest(unittest.TestCase):
    def test_sides_alternate_and_one_that_fails_is_not_asked_again(self):
        asked = []

        def side(name, error=None):
            def measure():
                asked.append(name)
                if error:
                    raise error
                return len(asked)
            return measure

        broken = subprocess.CalledProcessError(1, "x", stderr="Traceback\nRuntimeError: no kernel\n")
        got = take_turns(2, {"a": side("a"), "b": side("b", broken), "c": side("c"), "d": side("d", NotInstalled())})
        self.assertEqual(asked, ["a", "b", "c", "d", "a", "c"])
        self.assertEqual(got, {"a": [1, 5], "b": "failed: RuntimeError: no kernel", "c": [3, 6], "d": "not installed"})

    def test_a_turn_on_a_shared_machine_is_taken_again_and_the_best_counts_where_it_stays_shared(self):
        peers = Peers.__new__(Peers)
        peers.best_peak = {}
        waits = []

        def ask(*peaks):
            answers = iter(peaks)
            return peers.undisturbed(2, lambda: next(answers), lambda peak: peak, waits.append)

        self.assertEqual(ask(200), 200)
        self.assertEqual(ask(90, 170), 170)
        self.assertEqual(ask(90, 100, 95, 90, 91, 92), 100)
        self.assertEqual(waits, [0, 0, 5, 10, 15, 20, 25])


if __name__ == "__main__":
    unittest.main()
