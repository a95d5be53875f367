"""Networks: two executors, gradients, views, files, training; several threads; errors."""

import os
import signal
import struct
import tempfile
import threading
import time
import unittest

import numpy as np

import fovea
from fovea import functional as F
from support import draw, error, needs_torch, torch


def small(seed=1):
    net = fovea.Network((2, 8, 8))
    net.add("conv1", "conv2d", filters=8, kernel=3, padding=1).add("bn1", "batch_norm").add("relu1", "relu")
    net.add("conv2", "conv2d", filters=8, kernel=3, padding=1).add("join", "add", inputs=["relu1", "conv2"])
    return net.add("pool", "global_avg_pool").add("flat", "flatten").add("fc", "linear", features=3).initialise(seed)


def images(count=96, seed=0):
    """Two classes of bytes: brighter above, or brighter at the left."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 2, count)
    x = rng.integers(0, 120, (count, 1, 12, 12))
    x[labels == 0, :, :6] += 100
    x[labels == 1, :, :, :6] += 100
    return x.astype(np.uint8), labels


class Executors(unittest.TestCase):
    def test_programs_equal_the_reference_forward_and_backward(self):
        net, x, dy = small(), draw(4, 2, 8, 8), draw(4, 3, seed=1)
        for training in (False, True):
            self.assertLess(error(net.forward(x.astype(np.float32), training), net.copy().forward(x, training)), 1e-5)
        y = net.forward(x.astype(np.float32), training=True)
        self.assertEqual((y.dtype, y.shape), (np.float32, (4, 3)))
        dx, gradients = net.backward(dy.astype(np.float32))
        other = net.copy()
        other.forward(x, training=True)
        want_dx, want = other.backward(dy)
        self.assertLess(error(dx, want_dx), 2e-5)
        self.assertEqual(list(gradients), list(net.parameters))
        for name in want:
            if np.abs(want[name]).max() > 1e-9:  # a bias before a batch norm has gradient 0
                self.assertLess(error(gradients[name], want[name]), 2e-5, name)

    def test_gradients_are_difference_quotients(self):
        net, x, labels = small(), draw(4, 2, 8, 8), np.array([0, 2, 1, 1])
        loss, gradients = net.gradients(x, labels, label_smoothing=0.1)

        def at(t):
            w = net.parameters["fc.weight"]
            w[1, 3] += np.float32(t)
            value = F.softmax_cross_entropy(net.forward(x, training=True), labels, label_smoothing=0.1)
            w[1, 3] -= np.float32(t)
            return value

        # The parameter is a float32: a step of 2^-10 is exact, the third derivative is below 1.
        w = net.parameters["fc.weight"]
        w[1, 3] = 0.25
        loss, gradients = net.gradients(x, labels, label_smoothing=0.1)
        self.assertAlmostEqual((at(2**-10) - at(-2**-10)) * 2**9, gradients["fc.weight"][1, 3], delta=1e-6)
        self.assertLess(abs(loss - at(0)), 1e-12)

    def test_running_statistics_follow_training_alone(self):
        net, x = small(), draw(4, 2, 8, 8, dtype=np.float32)
        start = net.states["bn1.running_mean"].copy()
        net.forward(x)
        np.testing.assert_array_equal(net.states["bn1.running_mean"], start)
        net.forward(x, training=True)
        self.assertFalse(np.array_equal(net.states["bn1.running_mean"], start))

    def test_any_number_of_threads_gives_the_same_bits(self):
        results = []
        try:
            for threads in (1, 2, 5):
                fovea.set_threads(threads)
                net = small()
                net.forward(draw(4, 2, 8, 8, dtype=np.float32), training=True)
                results.append(net.backward(draw(4, 3, dtype=np.float32))[0])
        finally:
            fovea.set_threads(0)
        for result in results:
            np.testing.assert_array_equal(result, results[0])


class Views(unittest.TestCase):
    def test_what_is_written_counts_in_the_next_run(self):
        net, x = small(), draw(2, 2, 8, 8, dtype=np.float32)
        kept = net.parameters["fc.weight"]
        first = net.forward(x)
        kept[...] = 0  # after a program has packed the weights
        np.testing.assert_array_equal(net.forward(x), np.tile(net.parameters["fc.bias"], (2, 1)))
        kept[...] = 1
        del kept  # no view is left when the next run begins
        self.assertFalse(np.array_equal(net.forward(x), first))
        net.parameters["fc.bias"] = [1, 2, 3]
        self.assertEqual(net.forward(x).argmax(), net.forward(x.astype(np.float64)).argmax())

    def test_names_and_shapes(self):
        net = small()
        self.assertEqual(list(net.parameters)[:2], ["conv1.weight", "conv1.bias"])
        self.assertEqual(net.parameters["conv1.weight"].shape, (8, 2, 3, 3))
        self.assertEqual(list(net.states), ["bn1.running_mean", "bn1.running_var"])
        with self.assertRaises(KeyError):
            net.parameters["conv9.weight"]
        with self.assertRaisesRegex(ValueError, "fc.bias must be"):
            net.parameters["fc.bias"] = np.zeros(1)
        self.assertIn("conv1", net.summary())
        self.assertEqual(sum(layer.parameters for layer in net.layers), sum(w.size for w in net.parameters.values()))


class Files(unittest.TestCase):
    def test_a_saved_network_is_the_same(self):
        net, x = small(), draw(2, 2, 8, 8, dtype=np.float32)
        net.forward(x, training=True)
        net.classes, net.preprocessing = ["a", "b", "c"], ([0.5, 0.25], [0.5, 2])
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "net.safetensors")
            net.save(path)
            loaded = fovea.Network.load(path)
            np.testing.assert_array_equal(loaded.forward(x), net.forward(x))
            self.assertEqual(loaded.classes, ["a", "b", "c"])
            np.testing.assert_array_equal(loaded.preprocessing[1], [0.5, 2])
            with open(path, "r+b") as file:
                file.truncate(100)
            with self.assertRaises(fovea.FormatError):
                fovea.Network.load(path)
            with self.assertRaises(OSError):
                fovea.Network.load(os.path.join(folder, "absent"))
        self.assertEqual([layer.name for layer in fovea.Network.from_json(net.to_json()).layers],
                         [layer.name for layer in net.layers])

    def test_the_end_of_the_name_is_the_format(self):
        net, x = small(), draw(2, 2, 8, 8, dtype=np.float32)
        net.classes = ["a", "b", "c"]
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "net.onnx")
            net.save(path)
            with open(path, "rb") as file:
                self.assertIn(b"fovea.examples", file.read())
            loaded = fovea.Network.load(path)
            np.testing.assert_array_equal(loaded.forward(x), net.forward(x))
            self.assertEqual(loaded.classes, net.classes)
            self.assertEqual(fovea.Network.load(path, input=(2, 12, 12)).input_shape, (2, 12, 12))
            head = fovea.Network.load(path, output="pool:y")
            self.assertEqual(head.forward(x).shape, (2, 8, 1, 1))
            with self.assertRaisesRegex(fovea.FormatError, 'no node gives the output "absent"'):
                fovea.Network.load(path, output="absent")
            with self.assertRaisesRegex(ValueError, "a cfg has no weights"):
                net.save(os.path.join(folder, "net.cfg"))
            with self.assertRaisesRegex(ValueError, "no layers"):
                fovea.Network((2, 8, 8)).save(os.path.join(folder, "none.safetensors"))

    def test_weights_come_by_name(self):
        net, x = fovea.Network.build("resnet20", (3, 8, 8), seed=1), draw(2, 3, 8, 8, dtype=np.float32)
        fresh = lambda: fovea.Network.build("resnet20", (3, 8, 8), seed=2)
        with tempfile.TemporaryDirectory() as folder:
            path, names = os.path.join(folder, "weights.npz"), os.path.join(folder, "names.txt")
            net.save_weights(path, "torch")
            with np.load(path) as arrays:
                state = dict(arrays)
            with open(names, "w", encoding="utf-8") as file:
                file.write("fc = head  # and the rest as it is\n")
            self.assertIn("layer1.0.conv1.weight", state)
            state["bn1.num_batches_tracked"] = np.array(7)
            own = {**dict(net.parameters), **dict(net.states)}
            renamed = {name.replace("fc.", "head."): array for name, array in own.items()}
            for source, by in ((path, "torch"), (state, "torch"), (own, ""), (renamed, names)):
                np.testing.assert_array_equal(fresh().load_weights(source, by).forward(x), net.forward(x))
        other = fresh()
        before = other.forward(x)
        for broken in ({}, {**own, "more": x}, {**own, "fc.bias": np.zeros(3)}):
            with self.assertRaisesRegex(fovea.FormatError, "missing|left over|of another shape"):
                other.load_weights(broken)
        np.testing.assert_array_equal(other.forward(x), before)
        for broken, reason in (({"fc.bias": "text"}, "fc.bias is of <U4"), ({"fc.bias": None}, "fc.bias must be an array")):
            with self.assertRaisesRegex((TypeError, ValueError), reason):
                other.load_weights(broken)

    @needs_torch
    def test_a_state_dict_of_pytorch(self):
        net = fovea.Network((1, 4, 4)).add("flat", "flatten").add("fc", "linear", features=3)
        module, x = torch.nn.Linear(16, 3), draw(2, 1, 4, 4, dtype=np.float32)
        net.load_weights({f"fc.{name}": value for name, value in module.state_dict().items()})
        self.assertLess(error(net.forward(x), module(torch.tensor(x).flatten(1)).detach().numpy()), 1e-6)

    def test_architectures_build_by_name(self):
        for name in ("threelayer", "lenet5", "glyphnet", "resnet20", "mobilenet_v2", "airbench94"):
            net = fovea.Network.build(name, (3, 32, 32), 10)
            self.assertIn(name, fovea.architectures())
            self.assertEqual(net.layers[-1].shape, (10,), name)


class Errors(unittest.TestCase):
    def test_they_name_what_is_wrong(self):
        net, x = small(), draw(2, 2, 8, 8, dtype=np.float32)
        for call, wrong, named in (
                (lambda: net.forward(x[:, :1]), ValueError, "Nx2x8x8"), (lambda: net.forward(x[0]), ValueError, "Nx2x8x8"),
                (lambda: net.forward(x[:0]), ValueError, "empty"), (lambda: net.forward("x"), TypeError, "x"),
                (lambda: net.add("fc", "relu"), ValueError, "fc"), (lambda: net.add("a b", "relu"), ValueError, "a b"),
                (lambda: net.add("c", "convd2"), ValueError, "conv2d"), (lambda: net.add("c", "relu", "jion"), ValueError, "join"),
                (lambda: net.add("c", "conv2d", filter=3), ValueError, "filters"), (lambda: net.add("input", "relu"), ValueError, "input"),
                (lambda: net.add("c", "conv2d"), ValueError, "layer c"),
                (lambda: net.backward(draw(2, 3)), ValueError, "training=True"),
                (lambda: net.load_weights({"fc.bias": np.ones(3, complex)}), TypeError, "fc.bias is of complex128"),
                (lambda: net.load_weights({"fc.bias": [0, 0, 1e40]}), ValueError, "fc.bias has a number"),
                (lambda: fovea.Network((1.7, 8, 8)), TypeError, "whole numbers"), (lambda: fovea.Network(8), TypeError, "whole numbers"),
                (lambda: fovea.Network.load("a.onnx", epsilon="outside"), ValueError, "a.onnx is no .weights"),
                (lambda: fovea.Network.load("a.weights", epsilon="over"), ValueError, 'must be "inside" or "outside"'),
                (lambda: fovea.Network(()), ValueError, "input"), (lambda: fovea.Network((0, 2, 2)), ValueError, "empty"),
                (lambda: fovea.Network((2, 2, 2)).forward(draw(1, 2, 2, 2)), ValueError, "no layers"),
                (lambda: fovea.Network.build("resnet21"), ValueError, "resnet20"),
                (lambda: fovea.Network.from_json("{"), ValueError, "the text"),
                (lambda: fovea.set_threads(-1), ValueError, "threads"), (lambda: fovea.set_numerics("slow"), ValueError, "numerics")):
            with self.subTest(named=named), self.assertRaisesRegex(wrong, named):
                call()

    def test_threads_that_run_and_change_one_network(self):
        net, x, stop, failures = small(), draw(4, 2, 8, 8, dtype=np.float32), time.monotonic() + 1.0, []

        def run():
            while time.monotonic() < stop:
                try:
                    net.forward(x, training=True)
                    net.backward(draw(4, net.layers[-1].shape[0], dtype=np.float32))
                except ValueError:
                    pass  # the other thread has changed the graph between the two
                except BaseException as error:
                    failures.append(error)

        threads = [threading.Thread(target=run) for _ in range(2)]
        for thread in threads:
            thread.start()
        for i in range(40):
            net.add(f"more{i}", "linear", features=3 + i % 2).initialise(i)
            time.sleep(0.01)
        for thread in threads:
            thread.join()
        self.assertEqual(failures, [])


class Fit(unittest.TestCase):
    def net(self):
        net = fovea.Network.build("lenet5", (1, 12, 12), 2, seed=3)
        net.preprocessing = [0.4], [0.3]
        return net

    def test_learns_reports_and_repeats(self):
        x, y = images()
        seen = []

        class Listener(fovea.Callback):
            def on_start(self, facts):
                seen.append(("start", facts["steps"]))

            def on_step(self, facts):
                seen.append(("step", facts["step"]))

            def on_epoch(self, facts):
                seen.append(("epoch", facts["epoch"]))

        nets, histories = [self.net() for _ in range(2)], []
        for net in nets:
            histories.append(net.fit(x, y, epochs=4, batch=32, lr=0.05, validation=images(40, 1), callbacks=[Listener()], crop=1))
        self.assertEqual(seen[:6], [("start", 12), ("step", 1), ("step", 2), ("step", 3), ("epoch", 1), ("step", 4)])
        self.assertGreater(histories[0][-1]["val_accuracy"], 0.9)
        self.assertEqual(histories[0][-1]["loss"], histories[1][-1]["loss"])
        for name in nets[0].parameters:
            np.testing.assert_array_equal(nets[0].parameters[name], nets[1].parameters[name])

    def test_the_loss_takes_scores(self):
        x, y = images()
        net = self.net().add("probabilities", "softmax")
        scores = net.layers[-2].name
        with self.assertRaisesRegex(ValueError, "end_at_scores"):
            net.fit(x, y)
        self.assertEqual(net.end_at_scores().layers[-1].name, scores)
        self.assertEqual(net.end_at_scores().layers[-1].name, scores)
        net.fit(x, y, epochs=1, callbacks=fovea.Callback())
        for name, wrong in (("callbacks", {"callbacks": [print]}), ("validation", {"validation": 0.2})):
            with self.assertRaisesRegex(TypeError, name):
                net.fit(x, y, **wrong)

    def test_bytes_and_preprocessed_floats_are_the_same_training(self):
        x, y = images()
        by_bytes, by_floats = self.net(), self.net()
        by_bytes.fit(x, y, epochs=2, batch=32, lr=0.05)
        by_floats.fit(fovea.fitting.preprocess(by_floats, x), y, epochs=2, batch=32, lr=0.05)
        for name in by_bytes.parameters:
            np.testing.assert_array_equal(by_bytes.parameters[name], by_floats.parameters[name])

    def test_a_callback_stops_it_and_an_exception_leaves_whole_steps(self):
        x, y = images()

        class Third(fovea.Callback):
            def on_step(self, facts):
                if facts["step"] == 3:
                    return self.at_three()

        stopping, raising = Third(), Third()
        stopping.at_three = lambda: True

        def interrupt():
            raise KeyboardInterrupt

        raising.at_three = interrupt
        stopped, raised = self.net(), self.net()
        stopped.fit(x, y, epochs=4, batch=32, lr=0.05, callbacks=[stopping])
        with self.assertRaises(KeyboardInterrupt):
            raised.fit(x, y, epochs=4, batch=32, lr=0.05, callbacks=[raising])
        for name in stopped.parameters:
            np.testing.assert_array_equal(stopped.parameters[name], raised.parameters[name])

    def test_ema_ends_in_the_average(self):
        x, y = images()
        plain, averaged = self.net(), self.net()
        plain.fit(x, y, epochs=2, batch=32, lr=0.05)
        averaged.fit(x, y, epochs=2, batch=32, lr=0.05, ema=0.9)
        self.assertFalse(np.array_equal(plain.parameters["conv1.weight"], averaged.parameters["conv1.weight"]))

    def test_what_is_wrong_is_named(self):
        x, y = images(8)
        for call, wrong, named in ((lambda n: n.fit(x, y + 1), ValueError, "label 2"), (lambda n: n.fit(x, y[:3]), ValueError, "label"),
                                   (lambda n: n.fit(x.astype(np.float64), y), TypeError, "float64"),
                                   (lambda n: n.fit(x[:, :, :5], y), ValueError, "N,1,12,12"),
                                   (lambda n: n.fit(x.astype(np.float32), y, crop=2), ValueError, "crop"),
                                   (lambda n: n.fit(x, y, optimiser="sgd"), ValueError, "optimizer"),
                                   (lambda n: n.fit(x, y, epochs=0), ValueError, "epochs"),
                                   (lambda n: n.fit(x, y, validation=(x, y + 1)), ValueError, "label 2"),
                                   (lambda n: n.fit(x, y, max_steps=1), ValueError, "max_steps"),
                                   (lambda n: n.fit(x, y, lr=1e3, epochs=20), fovea.DivergedError, "not finite")):
            with self.subTest(named=named), self.assertRaisesRegex(wrong, named):
                call(self.net())


def write_idx(folder):
    """The images as a data set of the tool, in the format of MNIST."""
    for part, seed in (("train", 0), ("t10k", 1)):
        x, y = images(96, seed)
        for name, array in ((f"{part}-images-idx3-ubyte", x[:, 0]), (f"{part}-labels-idx1-ubyte", y.astype(np.uint8))):
            with open(os.path.join(folder, name), "wb") as file:
                file.write(struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape) + array.tobytes())


class Runs(unittest.TestCase):
    def test_an_interrupted_run_is_saved_and_resumes(self):
        steps = []

        class Listener:
            def on_start(self, facts):
                steps.append(("from", facts["first_step"]))

            def on_step(self, facts):
                steps.append(facts["step"])
                if steps == [("from", 0), 1, 2, 3]:
                    os.kill(os.getpid(), signal.SIGINT)

        with tempfile.TemporaryDirectory() as folder:
            write_idx(folder)
            settings = dict(data="idx:" + folder, network="lenet5", out=folder + "/run", epochs=4, batch=32, max_steps=6,
                            callbacks=Listener())
            with self.assertRaises(KeyboardInterrupt):
                fovea.train(**settings)
            outcome = fovea.train(resume=True, **settings)
            self.assertEqual(steps, [("from", 0), 1, 2, 3, ("from", 3), 4, 5, 6])
            self.assertEqual((outcome["stopped"], outcome["step"]), (False, 6))
            with self.assertRaises(fovea.ArgumentError):
                fovea.train(**settings)
            net = fovea.Network.load(folder + "/run")
            self.assertEqual(net.input_shape, (1, 12, 12))

    def test_a_callback_of_a_list_stops_a_run(self):
        class Stop(fovea.Callback):
            def on_step(self, facts):
                return facts["step"] == 2

        with tempfile.TemporaryDirectory() as folder:
            write_idx(folder)
            settings = dict(data="idx:" + folder, network="lenet5", out=folder + "/run", epochs=4, batch=32)
            outcome = fovea.train(callbacks=[Stop(), fovea.Callback()], **settings)
            self.assertEqual((outcome["stopped"], outcome["step"]), (True, 2))
            with self.assertRaisesRegex(TypeError, "on_step"):
                fovea.train(callbacks=[print], **settings)


if __name__ == "__main__":
    unittest.main()
