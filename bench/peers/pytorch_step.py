#!/usr/bin/env python3
"""Images a second of one network's training step in PyTorch: the worker of training_steps.py.

usage: pytorch_step.py NETWORK CxHxW BATCH CLASSES nchw|channels_last SECONDS THREADS
"""
import sys
import time

import torch
import torch.nn.functional as F
from torch import nn


def conv_norm(inputs, outputs, kernel, stride=1, groups=1, rectifier=None):
    layers = [nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False), nn.BatchNorm2d(outputs)]
    return nn.Sequential(*layers, *([rectifier(inplace=True)] if rectifier else []))


class Residual(nn.Module):
    """Two 3x3 convolutions, or 1x1 - 3x3 - 1x1 to four times the filters."""

    def __init__(self, inputs, filters, stride, wide):
        super().__init__()
        outputs = filters * (4 if wide else 1)
        if wide:
            self.body = nn.Sequential(conv_norm(inputs, filters, 1, rectifier=nn.ReLU),
                                      conv_norm(filters, filters, 3, stride, rectifier=nn.ReLU), conv_norm(filters, outputs, 1))
        else:
            self.body = nn.Sequential(conv_norm(inputs, filters, 3, stride, rectifier=nn.ReLU), conv_norm(filters, outputs, 3))
        same = stride == 1 and inputs == outputs
        self.shortcut = nn.Identity() if same else conv_norm(inputs, outputs, 1, stride)
        self.outputs = outputs

    def forward(self, x):
        return F.relu(self.body(x) + self.shortcut(x), inplace=True)


class Inverted(nn.Module):
    def __init__(self, inputs, outputs, stride, expansion):
        super().__init__()
        wide = inputs * expansion
        layers = [conv_norm(inputs, wide, 1, rectifier=nn.ReLU6)] if expansion > 1 else []
        self.body = nn.Sequential(*layers, conv_norm(wide, wide, 3, stride, wide, nn.ReLU6), conv_norm(wide, outputs, 1))
        self.adds = stride == 1 and inputs == outputs

    def forward(self, x):
        return x + self.body(x) if self.adds else self.body(x)


def resnet(blocks, wide, small, classes):
    layers = [conv_norm(3, 64, 3, rectifier=nn.ReLU)] if small else [conv_norm(3, 64, 7, 2, rectifier=nn.ReLU), nn.MaxPool2d(3, 2, 1)]
    channels = 64
    for stage, count in enumerate(blocks):
        for i in range(count):
            layers.append(Residual(channels, 64 << stage, 2 if stage and i == 0 else 1, wide))
            channels = layers[-1].outputs
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, classes))


def vgg16_bn(classes):
    layers, channels = [], 3
    for stage, filters in enumerate([64, 128, 256, 512, 512]):
        for _ in range(2 if stage < 2 else 3):
            layers += [nn.Conv2d(channels, filters, 3, 1, 1), nn.BatchNorm2d(filters), nn.ReLU(inplace=True)]
            channels = filters
        layers.append(nn.MaxPool2d(2))
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(512, classes))


def mobilenet_v2(classes):
    layers, channels = [conv_norm(3, 32, 3, 2, rectifier=nn.ReLU6)], 32
    for expansion, outputs, count, stride in [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1),
                                              (6, 160, 3, 2), (6, 320, 1, 1)]:
        for i in range(count):
            layers.append(Inverted(channels, outputs, stride if i == 0 else 1, expansion))
            channels = outputs
    layers.append(conv_norm(320, 1280, 1, rectifier=nn.ReLU6))
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.2), nn.Linear(1280, classes))


NETWORKS = {
    "resnet18": lambda classes: resnet([2, 2, 2, 2], False, True, classes),
    "resnet50": lambda classes: resnet([3, 4, 6, 3], True, False, classes),
    "vgg16_bn": vgg16_bn,
    "mobilenet_v2": mobilenet_v2,
}


def main():
    name, shape, batch, classes, layout, seconds, threads = sys.argv[1:8]
    torch.set_num_threads(int(threads))
    network = NETWORKS[name](int(classes)).train()
    x = torch.randn(int(batch), *map(int, shape.split("x")))
    y = torch.randint(0, int(classes), (int(batch),))
    if layout == "channels_last":
        network, x = network.to(memory_format=torch.channels_last), x.contiguous(memory_format=torch.channels_last)
    optimizer = torch.optim.SGD(network.parameters(), lr=1e-6, momentum=0.9, nesterov=True, weight_decay=5e-4)

    def step():
        optimizer.zero_grad(set_to_none=True)
        F.cross_entropy(network(x), y).backward()
        optimizer.step()

    step()
    times, end = [], time.perf_counter() + float(seconds)
    while time.perf_counter() < end or len(times) < 5:
        start = time.perf_counter()
        step()
        times.append(time.perf_counter() - start)
    print(int(batch) / sorted(times)[len(times) // 2])


if __name__ == "__main__":
    main()
