#!/usr/bin/env python3
"""State dicts of torchvision's networks in Fovea: the modules below are built as torchvision builds them, so that their state dicts have
its names and shapes; they are read by `fovea convert --names torch`, and the answers compared. Skips (exit code 77) without PyTorch.

usage: torchvision_names_test.py FOVEA        Source: github.com/pytorch/vision, torchvision/models, version 0.14
"""
import collections
import pathlib
import subprocess
import sys
import tempfile

try:
    import numpy
    import torch
    from torch import nn
except ImportError:
    print("PyTorch is not installed")
    sys.exit(77)

# Sums of up to 121 layers in single precision, in two orders; by the size of the largest score.
TOLERANCE = 1e-5
CLASSES, SHAPE = 10, (2, 3, 96, 96)


class DenseLayer(nn.Module):
    def __init__(self, channels, growth):
        super().__init__()
        self.norm1, self.relu1 = nn.BatchNorm2d(channels), nn.ReLU()
        self.conv1 = nn.Conv2d(channels, 4 * growth, 1, bias=False)
        self.norm2, self.relu2 = nn.BatchNorm2d(4 * growth), nn.ReLU()
        self.conv2 = nn.Conv2d(4 * growth, growth, 3, padding=1, bias=False)

    def forward(self, x):
        narrow = self.conv1(self.relu1(self.norm1(x)))
        return torch.cat([x, self.conv2(self.relu2(self.norm2(narrow)))], 1)


class DenseNet121(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.features = nn.Sequential(collections.OrderedDict(
            conv0=nn.Conv2d(3, 64, 7, stride=2, padding=3, bias=False), norm0=nn.BatchNorm2d(64), relu0=nn.ReLU(),
            pool0=nn.MaxPool2d(3, stride=2, padding=1)))
        channels, growth = 64, 32
        for number, layers in enumerate((6, 12, 24, 16), 1):
            self.features.add_module(f"denseblock{number}", nn.Sequential(collections.OrderedDict(
                (f"denselayer{i + 1}", DenseLayer(channels + i * growth, growth)) for i in range(layers))))
            channels += layers * growth
            if number < 4:
                self.features.add_module(f"transition{number}", nn.Sequential(collections.OrderedDict(
                    norm=nn.BatchNorm2d(channels), relu=nn.ReLU(), conv=nn.Conv2d(channels, channels // 2, 1, bias=False),
                    pool=nn.AvgPool2d(2, 2))))
                channels //= 2
        self.features.add_module("norm5", nn.BatchNorm2d(channels))
        self.classifier = nn.Linear(channels, classes)

    def forward(self, x):
        return self.classifier(torch.relu(self.features(x)).mean((2, 3)))


class Fire(nn.Module):
    def __init__(self, channels, squeeze, expand):
        super().__init__()
        self.squeeze, self.squeeze_activation = nn.Conv2d(channels, squeeze, 1), nn.ReLU()
        self.expand1x1, self.expand1x1_activation = nn.Conv2d(squeeze, expand, 1), nn.ReLU()
        self.expand3x3, self.expand3x3_activation = nn.Conv2d(squeeze, expand, 3, padding=1), nn.ReLU()

    def forward(self, x):
        x = self.squeeze_activation(self.squeeze(x))
        return torch.cat([self.expand1x1_activation(self.expand1x1(x)), self.expand3x3_activation(self.expand3x3(x))], 1)


class SqueezeNet11(nn.Module):
    def __init__(self, classes):
        super().__init__()
        def pool():
            return nn.MaxPool2d(3, stride=2, ceil_mode=True)
        self.features = nn.Sequential(
            nn.Conv2d(3, 64, 3, stride=2), nn.ReLU(), pool(), Fire(64, 16, 64), Fire(128, 16, 64), pool(), Fire(128, 32, 128),
            Fire(256, 32, 128), pool(), Fire(256, 48, 192), Fire(384, 48, 192), Fire(384, 64, 256), Fire(512, 64, 256))
        self.classifier = nn.Sequential(nn.Dropout(), nn.Conv2d(512, classes, 1), nn.ReLU(), nn.AdaptiveAvgPool2d((1, 1)))

    def forward(self, x):
        return torch.flatten(self.classifier(self.features(x)), 1)


class InvertedResidual(nn.Module):
    def __init__(self, channels, filters, stride):
        super().__init__()
        half = filters // 2
        def depthwise(width):
            return [nn.Conv2d(width, width, 3, stride, 1, groups=width, bias=False), nn.BatchNorm2d(width)]
        def pointwise(width):
            return [nn.Conv2d(width, half, 1, bias=False), nn.BatchNorm2d(half), nn.ReLU()]
        self.stride = stride
        self.branch1 = nn.Sequential(*depthwise(channels), *pointwise(channels)) if stride > 1 else nn.Sequential()
        self.branch2 = nn.Sequential(*pointwise(half if stride == 1 else channels), *depthwise(half), *pointwise(half))

    def forward(self, x):
        first, second = x.chunk(2, 1) if self.stride == 1 else (self.branch1(x), x)
        joined = torch.cat([first, self.branch2(second)], 1)
        n, c, h, w = joined.shape
        return joined.view(n, 2, c // 2, h, w).transpose(1, 2).reshape(n, c, h, w)


class ShuffleNetV2(nn.Module):
    def __init__(self, classes):
        super().__init__()
        def conv(channels, filters, *size):
            return nn.Sequential(nn.Conv2d(channels, filters, *size, bias=False), nn.BatchNorm2d(filters), nn.ReLU())
        self.conv1, self.maxpool = conv(3, 24, 3, 2, 1), nn.MaxPool2d(3, stride=2, padding=1)
        channels = 24
        for number, (filters, units) in enumerate(((116, 4), (232, 8), (464, 4)), 2):
            setattr(self, f"stage{number}", nn.Sequential(
                *[InvertedResidual(channels if i == 0 else filters, filters, 2 if i == 0 else 1) for i in range(units)]))
            channels = filters
        self.conv5, self.fc = conv(channels, 1024, 1, 1, 0), nn.Linear(1024, classes)

    def forward(self, x):
        x = self.stage4(self.stage3(self.stage2(self.maxpool(self.conv1(x)))))
        return self.fc(self.conv5(x).mean((2, 3)))


# The number of tensors in the state dict of torchvision's network, and of its parameters with 1000 classes; the type of the numbers in the
# file, which PyTorch's weights are rounded to first.
NETWORKS = {"densenet121": (DenseNet121, 727, 7978856, torch.float64), "squeezenet1_1": (SqueezeNet11, 52, 1235496, torch.float16),
            "shufflenet_v2": (ShuffleNetV2, 338, 2278604, torch.float32)}


def draw(module):
    """Statistics and factors as after training: of both signs, and none of them 0 or 1."""
    for layer in module.modules():
        if isinstance(layer, nn.BatchNorm2d):
            layer.running_mean.normal_(0, 0.1)
            layer.running_var.uniform_(0.5, 1.5)
            nn.init.uniform_(layer.weight, 0.5, 1.5)
            nn.init.normal_(layer.bias, 0, 0.1)


def compare(tool, folder, name):
    """The largest difference between the scores of PyTorch and of Fovea, by the size of the largest score."""
    make, tensors, parameters, number = NETWORKS[name]
    full = make(1000)
    assert len(full.state_dict()) == tensors, (name, len(full.state_dict()))
    assert sum(p.numel() for p in full.parameters()) == parameters, name
    module = make(CLASSES).eval()
    x = torch.randn(SHAPE)
    with torch.no_grad():
        draw(module)
        state = module.to(number).state_dict()  # counters of batches stay whole numbers
        arrays = {k: v.numpy().copy() for k, v in state.items()}
        theirs = module.float()(x).numpy()
    weights, model = folder / f"{name}.npz", folder / f"{name}.safetensors"
    numpy.savez(weights, **arrays)
    numpy.save(folder / "x.npy", x.numpy())
    subprocess.run([tool, "convert", weights, model, "--network", f"{name}:stem=imagenet", "--shape", "x".join(map(str, SHAPE[1:])),
                    "--classes", str(CLASSES), "--names", "torch"], check=True)
    subprocess.run([tool, "run", model, "--input", folder / "x.npy", "--output", folder / "y.npy"], check=True)
    return abs(numpy.load(folder / "y.npy") - theirs).max() / abs(theirs).max()


def main():
    tool = pathlib.Path(sys.argv[1]).resolve()
    torch.manual_seed(1)
    worst = 0
    with tempfile.TemporaryDirectory() as folder:
        for name in NETWORKS:
            difference = compare(tool, pathlib.Path(folder), name)
            print(f"{name}: {difference:.1e} from PyTorch", flush=True)
            worst = max(worst, difference)
    return 0 if worst <= TOLERANCE else 1


if __name__ == "__main__":
    sys.exit(main())
