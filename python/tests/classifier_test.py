"""The classifier: scikit-learn's manner, shapes, labels, interruption, other threads."""

import contextlib
import io
import os
import signal
import tempfile
import threading
import time
import unittest

import numpy as np

import fovea
from network_test import images
from support import torch


def quick(**changed):
    return fovea.Classifier(**{"network": "lenet5", "epochs": 4, "batch": 32, "lr": 0.05, "verbose": False, **changed})


class Learning(unittest.TestCase):
    def test_fits_predicts_and_scores(self):
        x, y = images(120)
        names = np.array(["above", "left"])[y]
        classifier = quick().fit(x, names)
        others, truth = images(60, 1)
        self.assertGreater(classifier.score(others, np.array(["above", "left"])[truth]), 0.9)
        probabilities = classifier.predict_proba(others)
        self.assertEqual(probabilities.shape, (60, 2))
        np.testing.assert_allclose(probabilities.sum(axis=1), 1)
        np.testing.assert_array_equal(classifier.predict(others), classifier.classes_[probabilities.argmax(axis=1)])
        self.assertEqual(len(classifier.history_), 4)
        self.assertEqual(classifier.predict(others[:0]).shape, (0,))

    def test_layouts_and_types_of_images(self):
        x, y = images(64)
        want = quick().fit(x, y).predict_proba(x)
        np.testing.assert_array_equal(quick().fit(x[:, 0], y).predict_proba(x[:, 0]), want)
        np.testing.assert_array_equal(quick().fit(x.transpose(0, 2, 3, 1), y).predict_proba(x.transpose(0, 2, 3, 1)), want)
        floats = (x / 255.0 - 0.5) * 4
        self.assertGreater(quick().fit(floats, y).score(floats, y), 0.9)
        three = np.repeat(x, 3, axis=1)[:, :, :, :3]
        with self.assertRaisesRegex(ValueError, "channels="):
            quick().fit(three, y)

    def test_labels_of_any_kind(self):
        x, y = images(64)
        for names in ([7, -3], ["b", "a"], [(1, 2), (0, 5)], [None, "x"], [2.5, 1.5], [True, False], [1, "one"]):
            with self.subTest(names=names):
                labels = [names[i] for i in y]
                classifier = quick(epochs=2).fit(x, labels)
                self.assertEqual(set(classifier.predict(x)) - set(names), set())
                self.assertEqual(len(classifier.classes_), 2)

    def test_seeds_decide(self):
        x, y = images(64)
        one, same, other = (quick(epochs=1, seed=s, settings={"crop": 2}).fit(x, y).predict_proba(x) for s in (1, 1, 2))
        np.testing.assert_array_equal(one, same)
        self.assertFalse(np.array_equal(one, other))

    def test_validation_and_progress(self):
        x, y = images(100)
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            classifier = quick(epochs=2, validation=0.2, verbose=True).fit(x, y)
        self.assertIn("val_accuracy", classifier.history_[0])
        self.assertRegex(out.getvalue(), r"80 training images(.|\n)*epoch   2/2 .* validation loss")

    def test_goes_on_from_a_network_and_saves(self):
        x, y = images(64)
        first = quick(epochs=2).fit(x, y)
        before = first.network_.parameters["conv1.weight"].copy()
        second = quick(network=first.network_, epochs=1).fit(x, y)
        np.testing.assert_array_equal(first.network_.parameters["conv1.weight"], before)
        self.assertFalse(np.array_equal(second.network_.parameters["conv1.weight"], before))
        with tempfile.TemporaryDirectory() as folder:
            second.save(folder + "/m.safetensors")
            self.assertEqual(fovea.Network.load(folder + "/m.safetensors").classes, ["0", "1"])

    def test_parameters_as_in_scikit_learn(self):
        classifier = quick()
        clone = fovea.Classifier(**classifier.get_params())
        self.assertEqual(clone.get_params(), classifier.get_params())
        self.assertIs(clone.set_params(epochs=7), clone)
        self.assertEqual(clone.epochs, 7)
        self.assertIn("epochs=7", repr(clone))
        with self.assertRaisesRegex(ValueError, "epoch"):
            clone.set_params(epoch=7)

    def test_what_is_wrong_is_named(self):
        x, y = images(8)
        for call, wrong, named in ((lambda c: c.predict(x), fovea.NotFittedError, "fit"), (lambda c: c.fit(x, y[:2]), ValueError, "label"),
                                   (lambda c: c.fit(x[0, 0], y), ValueError, "N,H,W"), (lambda c: c.fit(x.astype(int), y), TypeError, "int64"),
                                   (lambda c: c.fit(x, y).predict(x[:, :, :8]), ValueError, "12, 12"),
                                   (lambda c: c.set_params(validation=1.0).fit(x, y), ValueError, "validation"),
                                   (lambda c: c.set_params(network="lenet6").fit(x, y), ValueError, "lenet5")):
            with self.subTest(named=named), self.assertRaisesRegex(wrong, named):
                call(quick())

    def test_labels_are_one_for_each_image(self):
        x, y = images(8)
        classifier = fovea.Classifier("lenet5", epochs=1, verbose=False)
        for wrong in (np.eye(2)[y], None, [[0], [1]] * 4, [float("nan")] * 8, "abababab"):
            with self.assertRaises((ValueError, TypeError), msg=repr(wrong)):
                classifier.fit(x, wrong)
        if torch is not None:
            classifier.fit(x, torch.tensor(y))
            self.assertEqual(list(classifier.classes_), [0, 1])
            self.assertIsInstance(classifier.score(x, torch.tensor(y)), float)


class Interruption(unittest.TestCase):
    def test_ctrl_c_leaves_a_classifier_that_can_be_used(self):
        x, y = images(256)
        classifier = quick(epochs=100000)
        threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT)).start()
        with self.assertRaises(KeyboardInterrupt):
            classifier.fit(x, y)
        self.assertEqual(classifier.predict(x).shape, (256,))
        self.assertTrue(np.isfinite(classifier.predict_proba(x)).all())


class OtherFrameworks(unittest.TestCase):
    def test_a_network_with_more_outputs_than_labels_is_saved(self):
        x, y = images(64)
        network = fovea.Network.build("lenet5", x.shape[1:], 4)
        classifier = quick(network=network, epochs=1).fit(x, np.array(["above", "left"])[y])
        with tempfile.TemporaryDirectory() as folder:
            classifier.save(f"{folder}/four.safetensors")
            self.assertEqual(fovea.Network.load(f"{folder}/four.safetensors").classes, ["above", "left", "class 2", "class 3"])

    def test_a_network_that_ends_in_softmax_is_no_other_classifier(self):
        x, y = images(64)
        plain = fovea.Network.build("lenet5", x.shape[1:], 2)
        ended = plain.copy().add("probabilities", "softmax")
        one, other = (quick(network=network, epochs=1).fit(x, y).predict_proba(x) for network in (plain, ended))
        np.testing.assert_array_equal(one, other)


class OtherThreads(unittest.TestCase):
    def test_they_run_while_a_step_computes(self):
        net = fovea.Network.build("vgg16_bn", (3, 32, 32))
        x = np.zeros((64, 3, 32, 32), np.float32)
        net.forward(x)
        counted, done = [0], threading.Event()

        def count():
            while not done.is_set():
                counted[0] += 1
                time.sleep(0.001)

        thread = threading.Thread(target=count)
        thread.start()
        before, begin = counted[0], time.monotonic()
        net.forward(x)
        during, seconds = counted[0] - before, time.monotonic() - begin
        done.set()
        thread.join()
        # Holding the lock would let it count once or twice.
        self.assertGreater(during, 3, f"in {seconds} s")


if __name__ == "__main__":
    unittest.main()
