"""A backward pass of a network follows a forward pass of its own, with the same weights, in both types."""

import unittest

import numpy as np

import fovea
from network_test import small
from support import draw


class Backward(unittest.TestCase):
    def test_a_backward_pass_follows_a_training_pass_of_its_own(self):
        for dtype in (np.float32, np.float64):
            net, x, dy = small(), draw(4, 2, 8, 8).astype(dtype), draw(4, 3, seed=1).astype(dtype)
            net.forward(x)
            with self.assertRaises(fovea.ArgumentError):
                net.backward(dy)
            net.forward(x, training=True)
            net.forward(x[:2])
            net.backward(dy)
            with self.assertRaises(fovea.ArgumentError):
                net.backward(dy)

    def test_a_backward_pass_needs_the_weights_of_its_forward_pass(self):
        for dtype in (np.float32, np.float64):
            net, x, dy = small(), draw(4, 2, 8, 8).astype(dtype), draw(4, 3, seed=1).astype(dtype)
            for change in (lambda: net.parameters["fc.bias"].__iadd__(1), lambda: net.initialise(2),
                           lambda: net.load_weights({**net.parameters, **net.states, "fc.bias": np.ones(3)})):
                net.forward(x, training=True)
                change()
                with self.assertRaisesRegex(fovea.ArgumentError, "weights have changed"):
                    net.backward(dy)
            net.forward(x, training=True)
            kept = net.parameters["fc.weight"]  # to look at them is no change
            net.forward(x[:2])
            self.assertEqual(net.backward(dy)[1]["fc.weight"].shape, kept.shape)

    def test_a_backward_pass_of_another_batch(self):
        for dtype in (np.float32, np.float64):
            net = small()
            net.forward(draw(4, 2, 8, 8, dtype=dtype), training=True)
            with self.assertRaises(ValueError):
                net.backward(draw(3, 3, dtype=dtype))
            with self.assertRaises(ValueError):
                net.backward(draw(4, 3, dtype=np.float64 if dtype == np.float32 else np.float32))


if __name__ == "__main__":
    unittest.main()
