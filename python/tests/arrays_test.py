"""Zero-copy where it is promised; a wrong type, shape, order or lifetime raises an exception that names it."""

import array
import gc
import itertools
import unittest

import numpy as np

import fovea
from fovea import functional as F
from support import draw, needs_torch, torch


class Opaque:
    """Another library's array: it has __dlpack__ and nothing else."""

    def __init__(self, owner):
        self._owner = owner

    def __dlpack__(self, stream=None):
        return self._owner.__dlpack__()

    def __dlpack_device__(self):
        return self._owner.__dlpack_device__()


class OnAnotherDevice(Opaque):
    def __dlpack_device__(self):
        return (2, 0)  # kDLCUDA

    def __dlpack__(self, stream=None):
        raise BufferError("on a GPU")


class Inputs(unittest.TestCase):
    def setUp(self):
        self.x, self.w = draw(2, 3, 5, 5), draw(4, 3, 3, 3, seed=1)
        self.y = F.conv2d(self.x, self.w)

    def test_any_order_and_library(self):
        turned = np.ascontiguousarray(self.x.transpose(0, 2, 3, 1)).transpose(0, 3, 1, 2)
        fortran, reversed_twice = np.asfortranarray(self.x), np.ascontiguousarray(self.x[::-1])[::-1]
        shifted = np.frombuffer(b"\0" + self.x.tobytes(), np.uint8)[1:].view(np.float64).reshape(self.x.shape)
        self.assertFalse(shifted.flags.aligned)
        for x in (turned, fortran, reversed_twice, shifted, Opaque(self.x), self.x.tolist(), memoryview(self.x)):
            np.testing.assert_array_equal(F.conv2d(x, self.w), self.y)
        np.testing.assert_array_equal(F.relu(array.array("d", [1, -1, 2])), [1, 0, 2])

    @needs_torch
    def test_tensors_of_pytorch(self):
        np.testing.assert_array_equal(F.conv2d(torch.tensor(self.x), torch.tensor(self.w)), self.y)
        with self.assertRaisesRegex(TypeError, "x: "):
            F.relu(torch.tensor(self.x, requires_grad=True))

    def test_inputs_are_not_changed(self):
        x, w, dy = self.x.copy(), self.w.copy(), draw(*self.y.shape)
        F.conv2d_backward(dy, x, w)
        np.testing.assert_array_equal(x, self.x)
        np.testing.assert_array_equal(w, self.w)

    def test_results_own_their_memory(self):
        first = F.relu(self.x.astype(np.float32))
        kept = first.copy()
        for seed in range(20):
            F.relu(draw(2, 3, 5, 5, seed=seed, dtype=np.float32))
        gc.collect()
        np.testing.assert_array_equal(first, kept)

    def test_types(self):
        for x in (self.x.astype(np.float16), self.x.astype(np.int64), self.x.astype(complex), self.x.astype(">f8"),
                  self.x > 0, np.array([None, 1]), "text", None, object(), {}, OnAnotherDevice(self.x), [[1.0], [1.0, 2.0]]):
            with self.subTest(x=type(x).__name__), self.assertRaisesRegex(TypeError, "x"):
                F.relu(x)
        with self.assertRaisesRegex(TypeError, "w is of float32 where float64"):
            F.conv2d(self.x, self.w.astype(np.float32))
        with self.assertRaisesRegex(TypeError, "dy is of float32 where float64"):
            F.conv2d_backward(self.y.astype(np.float32), self.x, self.w)

    def test_shapes(self):
        for dtype in (np.float32, np.float64):
            x, w, y = self.x.astype(dtype), self.w.astype(dtype), self.y.astype(dtype)
            for call, named in ((lambda: F.conv2d(x[0], w), "conv2d"), (lambda: F.conv2d(x, w[:, :2]), "w must"),
                                (lambda: F.conv2d(x, w, np.zeros(5, dtype)), "b must"), (lambda: F.conv2d(x, w[0]), "w"),
                                (lambda: F.conv2d(x[:, :, :2], w), "conv2d"), (lambda: F.conv2d_backward(y[:1], x, w), "dy"),
                                (lambda: F.linear(x, w[:, :, 0, 0]), "linear"), (lambda: F.add([x]), "add"),
                                (lambda: F.add([x, x[:, :2]]), "add"), (lambda: F.concat([x, x[:, :, :2]]), "concat"),
                                (lambda: F.max_pool2d(x, 9), "max_pool2d"), (lambda: F.relu(x[:0]), "empty"),
                                (lambda: F.relu(dtype(3)), "batch"), (lambda: F.softmax(x, dim=4), "dim"),
                                (lambda: F.relu(np.zeros((1,) * 7, dtype)), "relu"),
                                (lambda: F.batch_norm(x, training=True, weight=np.ones(2, dtype)), "weight"),
                                (lambda: F.add([]), "add"), (lambda: F.global_avg_pool(x[:, :, 0, 0]), "global_avg_pool")):
                with self.subTest(named=named), self.assertRaisesRegex(ValueError, named):
                    call()

    def test_hyper_parameters(self):
        for call, named in ((lambda: F.conv2d(self.x, self.w, stride=0), "stride"),
                            (lambda: F.conv2d(self.x, self.w, groups=2), "conv2d"),
                            (lambda: F.conv2d(self.x, self.w, padding="sama"), "padding"),
                            (lambda: F.conv2d(self.x, self.w, padding=(1, 2, 3)), "padding"),
                            (lambda: F.conv2d(self.x, self.w, padding=-1), "padding"),
                            (lambda: F.conv2d(self.x, self.w, stride=1.5), "stride"),
                            (lambda: F.gelu(self.x, approximate="erf"), "approximate"),
                            (lambda: F.dropout(self.x, p=2), "p is 2"),
                            (lambda: F.batch_norm(self.x, training=True, momentum_weighs="no"), "momentum_weighs"),
                            (lambda: F.batch_norm(self.x), "running_mean")):
            with self.subTest(named=named), self.assertRaisesRegex(ValueError, named):
                call()
        for call in (lambda: F.conv2d(self.x, self.w, stride=None), lambda: F.conv2d(self.x, self.w, stride=object()),
                     lambda: F.conv2d(self.x, self.w, 1, 1, 1, 1, 1, 1), lambda: F.conv2d(self.x, self.w, strides=1)):
            with self.assertRaises(TypeError):
                call()

    def test_the_raw_module_checks_too(self):
        raw = fovea._fovea
        x = self.x
        for bad in (x.transpose(0, 1, 3, 2), x.astype(np.int32), x.tolist(), None, np.asfortranarray(x)):
            with self.assertRaises((TypeError, ValueError)):
                raw.apply("relu", {}, [bad], [], [], False, 0, 0, [])
        for values in itertools.product((2**62, 2**31, -2**63), repeat=2):
            for name in ("kernel", "padding", "stride"):
                with self.subTest(name=name, values=values), self.assertRaises((fovea.Error, MemoryError)):
                    raw.apply("max_pool2d", {"kernel": 2, name: list(values)}, [x], [], [], False, 0, 0, [])
        huge = raw.apply("max_pool2d", {"kernel": 2, "stride": [2**24, 2**24]}, [x], [], [], False, 0, 0, [])
        self.assertEqual(huge.shape, (2, 3, 1, 1))
        for call in (lambda: raw.Training(None, {}, 1), lambda: raw.EpochLoader(None, {}, [], [], [0], 0),
                     lambda: raw.ArrayImages(np.zeros((4, 1, 8, 8), np.uint8), np.zeros(4, np.int32), 2).measure([7])):
            with self.assertRaises((TypeError, ValueError)):
                call()

    def test_integers_and_lists_of_options(self):
        with self.assertRaisesRegex(fovea.ArgumentError, "stride"):
            F.conv2d(self.x, self.w, stride=2**63)
        given = [F.conv2d(self.x, self.w, stride=s) for s in (2, np.int32(2), [2, 2], (2, 2), np.array([2, 2]))]
        for y in given[1:]:
            self.assertTrue(np.array_equal(y, given[0]))


class Lifetime(unittest.TestCase):
    def test_a_view_keeps_its_network(self):
        w = fovea.Network.build("lenet5", (1, 28, 28)).parameters["conv1.weight"]
        gc.collect()
        w[...] = 3
        self.assertEqual(w.sum(), 3 * w.size)

    def test_a_view_stays_when_the_network_grows(self):
        net = fovea.Network((1, 8, 8)).add("conv0", "conv2d", filters=2).initialise(1)
        w = net.parameters["conv0.weight"]
        for i in range(40):
            net.add(f"conv{i + 1}", "conv2d", filters=2, padding=1)
        w[...] = 7
        np.testing.assert_array_equal(net.parameters["conv0.weight"], w)

    def test_dlpack_of_parameters_shares_memory(self):
        net = fovea.Network.build("lenet5", (1, 28, 28))
        w = np.from_dlpack(net.parameters["conv1.weight"])
        net.parameters["conv1.weight"] = np.full(w.shape, 5.0)
        self.assertEqual(w.ravel()[0], 5)
        del net
        gc.collect()
        self.assertEqual(w.sum(), 5 * w.size)

    @needs_torch
    def test_pytorch_shares_memory_with_parameters(self):
        net = fovea.Network.build("lenet5", (1, 28, 28))
        x = draw(2, 1, 28, 28, dtype=np.float32)
        net.forward(x)
        for name in net.parameters:
            torch.from_dlpack(net.parameters[name]).zero_()
        self.assertEqual(np.abs(net.forward(x)).max(), 0)


if __name__ == "__main__":
    unittest.main()
