"""A process ends well while threads of it still compute."""

import subprocess
import sys
import unittest

BEGIN = """
import threading, time
import numpy as np, fovea
from fovea import functional as F
x, y = np.zeros((64, 1, 8, 8), np.uint8), np.zeros(64, int)
net = fovea.Network((1, 8, 8)).add("conv", "conv2d", filters=16, kernel=3).add("flat", "flatten").add("fc", "linear", features=3)
def forward():
    net.forward(np.zeros((64, 1, 8, 8), "f"))
def fit():
    net.fit(x, y, epochs=10**6, lr=0.01, batch=2)
def functions():
    F.conv2d_backward(np.zeros((64, 16, 6, 6), "f"), np.zeros((64, 1, 8, 8), "f"), np.zeros((16, 1, 3, 3), "f"))
def again(compute):
    while True:
        compute()
"""


class Exit(unittest.TestCase):
    def test_while_a_daemon_thread_computes(self):
        for compute in ("forward", "fit", "functions"):
            end = f"threading.Thread(target=again, args=({compute},), daemon=True).start(); time.sleep(0.3)"
            done = subprocess.run([sys.executable, "-c", BEGIN + end], capture_output=True, text=True, timeout=60)
            self.assertEqual((done.returncode, done.stderr), (0, ""), compute)


if __name__ == "__main__":
    unittest.main()
