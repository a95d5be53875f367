"""Networks and classifiers are copied and pickled whole."""

import copy
import os
import pickle
import tempfile
import unittest

import numpy as np

import fovea
from classifier_test import quick
from network_test import images, small


def pickled(value):
    return pickle.loads(pickle.dumps(value))


class Networks(unittest.TestCase):
    def test_a_copy_is_a_whole_model_of_its_own(self):
        net = small()
        net.classes, net.preprocessing = ["a", "b", "c"], ([0.5, 0.25], [0.5, 2])
        for other in (net.copy(), copy.copy(net), copy.deepcopy(net), pickled(net)):
            self.assertEqual((other.to_json(), other.classes), (net.to_json(), net.classes))
            np.testing.assert_array_equal(other.preprocessing, net.preprocessing)
            np.testing.assert_array_equal(other.parameters["conv1.weight"], net.parameters["conv1.weight"])
            other.parameters["fc.bias"] += 1
            self.assertEqual(float(net.parameters["fc.bias"][0]), 0)

    def test_a_detector_keeps_its_heads(self):
        cfg = os.path.join(os.environ["FOVEA_SOURCE_DIR"], "tests/fuzz/seeds/detector.cfg")
        net = fovea.Network.build(cfg)
        with tempfile.TemporaryDirectory() as folder:
            files = []
            for i, one in enumerate((net, net.copy(), pickled(net))):
                one.save(f"{folder}/{i}.safetensors")
                with open(f"{folder}/{i}.safetensors", "rb") as file:
                    files.append(file.read())
        self.assertIn(b"fovea.heads", files[0])
        self.assertEqual(files, files[:1] * 3)


class Classifiers(unittest.TestCase):
    def test_what_was_learnt_goes_along(self):
        x, y = images(64)
        classifier = quick(epochs=1).fit(x, y)
        for other in (copy.copy(classifier), copy.deepcopy(classifier), pickled(classifier)):
            np.testing.assert_array_equal(other.predict_proba(x), classifier.predict_proba(x))
            self.assertEqual(other.history_, classifier.history_)

    def test_a_clone_has_the_parameters_alone(self):
        classifier = quick(network=small(), settings={"crop": 2})
        clone = type(classifier)(**{name: copy.deepcopy(value) for name, value in classifier.get_params(deep=False).items()})
        self.assertEqual(clone.settings, {"crop": 2})
        np.testing.assert_array_equal(clone.network.parameters["fc.weight"], classifier.network.parameters["fc.weight"])


if __name__ == "__main__":
    unittest.main()
