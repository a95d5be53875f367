#!/usr/bin/env python3
"""State dicts of torchvision's networks, and of the usual ResNets for CIFAR-10, in Fovea: the modules below are built as those are, so
that their state dicts have their names and shapes; they are read by `fovea convert --names`, and the answers compared. Skips (exit
code 77) without PyTorch.

usage: torchvision_names_test.py FOVEA        Source: github.com/pytorch/vision, torchvision/models, version 0.14; for CIFAR-10
                                              github.com/akamaster/pytorch_resnet_cifar10
"""
import collections
import pathlib
import subprocess
import sys
import tempfile
import typing

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


class BasicBlock(nn.Module):
    def __init__(self, channels, filters, stride, padded):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(channels, filters, 3, stride, 1, bias=False), nn.BatchNorm2d(filters)
        self.conv2, self.bn2 = nn.Conv2d(filters, filters, 3, 1, 1, bias=False), nn.BatchNorm2d(filters)
        self.stride, self.around = stride, (filters - channels) // 2
        if not padded and channels != filters:
            self.downsample = nn.Sequential(nn.Conv2d(channels, filters, 1, stride, bias=False), nn.BatchNorm2d(filters))

    def forward(self, x):
        y = self.bn2(self.conv2(torch.relu(self.bn1(self.conv1(x)))))
        if hasattr(self, "downsample"):
            x = self.downsample(x)
        elif self.around:
            x = nn.functional.pad(x[:, :, ::self.stride, ::self.stride], (0, 0, 0, 0, self.around, self.around))
        return torch.relu(y + x)


class ResNet(nn.Module):
    """Of basic blocks, of 64 filters and more for large images, or of 16 and more for CIFAR-10; there with shortcuts without parameters."""

    def __init__(self, classes, filters, blocks, head, padded=False):
        super().__init__()
        large = filters == 64
        self.conv1 = nn.Conv2d(3, filters, 7 if large else 3, 2 if large else 1, 3 if large else 1, bias=False)
        self.bn1 = nn.BatchNorm2d(filters)
        self.maxpool = nn.MaxPool2d(3, stride=2, padding=1) if large else nn.Identity()
        self.stages, channels = len(blocks), filters
        for stage, units in enumerate(blocks):
            width = filters << stage
            setattr(self, f"layer{stage + 1}", nn.Sequential(
                *[BasicBlock(channels if i == 0 else width, width, 2 if stage > 0 and i == 0 else 1, padded) for i in range(units)]))
            channels = width
        setattr(self, head, nn.Linear(channels, classes))
        self.head = head

    def forward(self, x):
        x = self.maxpool(torch.relu(self.bn1(self.conv1(x))))
        for stage in range(self.stages):
            x = getattr(self, f"layer{stage + 1}")(x)
        return getattr(self, self.head)(x.mean((2, 3)))


def resnet18(classes):
    return ResNet(classes, 64, (2, 2, 2, 2), "fc")


def resnet20_projected(classes):
    return ResNet(classes, 16, (3, 3, 3), "fc")


def resnet20_padded(classes):
    return ResNet(classes, 16, (3, 3, 3), "linear", padded=True)


class Network(typing.NamedTuple):
    make: typing.Callable
    tensors: int            # of the state dict
    parameters: int         # with 1000 classes
    number: torch.dtype     # of the numbers in the file, which PyTorch's weights are rounded to first
    option: str = "stem=imagenet"
    names: str = "torch"    # or the text of a file of names


NETWORKS = {
    "densenet121": Network(DenseNet121, 727, 7978856, torch.float64),
    "squeezenet1_1": Network(SqueezeNet11, 52, 1235496, torch.float16),
    "shufflenet_v2": Network(ShuffleNetV2, 338, 2278604, torch.float32),
    "resnet18": Network(resnet18, 122, 11689512, torch.float32),
    # 269,722 parameters with 10 classes (He et al. 2016), 2,752 more with projections; 990 classes of 65 more.
    "resnet20:shortcut=projection": Network(resnet20_projected, 21 * 6 + 2, 269722 + 2752 + 990 * 65, torch.float32, "stem=cifar"),
    "resnet20:shortcut=pad": Network(resnet20_padded, 19 * 6 + 2, 269722 + 990 * 65, torch.float32, "stem=cifar", "torch\nfc = linear\n"),
}


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
    network = NETWORKS[name]
    full = network.make(1000)
    assert len(full.state_dict()) == network.tensors, (name, len(full.state_dict()))
    assert sum(p.numel() for p in full.parameters()) == network.parameters, name
    module = network.make(CLASSES).eval()
    x = torch.randn(SHAPE)
    with torch.no_grad():
        draw(module)
        state = module.to(network.number).state_dict()  # counters of batches stay whole numbers
        arrays = {k: v.numpy().copy() for k, v in state.items()}
        theirs = module.float()(x).numpy()
    weights, model, names = folder / "weights.npz", folder / "model.safetensors", network.names
    if names != "torch":
        names = folder / "names.txt"
        names.write_text(network.names)
    numpy.savez(weights, **arrays)
    numpy.save(folder / "x.npy", x.numpy())
    subprocess.run([tool, "convert", weights, model, "--network", f"{name}:{network.option}", "--shape", "x".join(map(str, SHAPE[1:])),
                    "--classes", str(CLASSES), "--names", names], check=True)
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
