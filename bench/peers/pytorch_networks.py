"""The networks of the benchmarks in PyTorch, layer by layer those of src/fovea/network/architectures/."""
import torch.nn.functional as F
from torch import nn


def conv_norm(inputs, outputs, kernel, stride=1, groups=1, rectifier=None):
    layers = [nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False), nn.BatchNorm2d(outputs)]
    return nn.Sequential(*layers, *([rectifier(inplace=True)] if rectifier else []))


class Residual(nn.Module):
    """Two 3x3 convolutions, or 1x1 - 3x3 - 1x1 to four times the filters; the 3x3 one with twice the filters where it has groups."""

    def __init__(self, inputs, filters, stride, wide, groups=1):
        super().__init__()
        outputs = filters * (4 if wide else 1)
        if wide:
            inner = filters * (2 if groups > 1 else 1)
            self.body = nn.Sequential(conv_norm(inputs, inner, 1, rectifier=nn.ReLU),
                                      conv_norm(inner, inner, 3, stride, groups, nn.ReLU), conv_norm(inner, outputs, 1))
        else:
            self.body = nn.Sequential(conv_norm(inputs, filters, 3, stride, rectifier=nn.ReLU), conv_norm(filters, outputs, 3))
        same = stride == 1 and inputs == outputs
        self.shortcut = nn.Identity() if same else conv_norm(inputs, outputs, 1, stride)
        self.outputs = outputs

    def forward(self, x):
        return F.relu(self.body(x) + self.shortcut(x), inplace=True)


class Inverted(nn.Module):
    """1x1 to `wide` channels, depthwise, perhaps an excitation, 1x1."""

    def __init__(self, inputs, wide, outputs, kernel, stride, rectifier, excitation=None):
        super().__init__()
        layers = [conv_norm(inputs, wide, 1, rectifier=rectifier)] if wide != inputs else []
        layers += [conv_norm(wide, wide, kernel, stride, wide, rectifier), *([excitation] if excitation else []), conv_norm(wide, outputs, 1)]
        self.body = nn.Sequential(*layers)
        self.adds = stride == 1 and inputs == outputs

    def forward(self, x):
        return x + self.body(x) if self.adds else self.body(x)


def resnet(blocks, wide, small, classes, groups=1):
    layers = [conv_norm(3, 64, 3, rectifier=nn.ReLU)] if small else [conv_norm(3, 64, 7, 2, rectifier=nn.ReLU), nn.MaxPool2d(3, 2, 1)]
    channels = 64
    for stage, count in enumerate(blocks):
        for i in range(count):
            layers.append(Residual(channels, 64 << stage, 2 if stage and i == 0 else 1, wide, groups))
            channels = layers[-1].outputs
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, classes))


def vgg16(norm, small, classes):
    layers, channels = [], 3
    for stage, filters in enumerate([64, 128, 256, 512, 512]):
        for _ in range(2 if stage < 2 else 3):
            layers += [nn.Conv2d(channels, filters, 3, 1, 1), *[nn.BatchNorm2d(filters)] * norm, nn.ReLU(inplace=True)]
            channels = filters
        layers.append(nn.MaxPool2d(2))
    if small:
        return nn.Sequential(*layers, nn.Flatten(), nn.Linear(512, classes))
    hidden = [nn.Linear(512 * 7 * 7, 4096), nn.ReLU(inplace=True), nn.Dropout(),
              nn.Linear(4096, 4096), nn.ReLU(inplace=True), nn.Dropout()]
    return nn.Sequential(*layers, nn.Flatten(), *hidden, nn.Linear(4096, classes))


def mobilenet_v2(classes):
    layers, channels = [conv_norm(3, 32, 3, 2, rectifier=nn.ReLU6)], 32
    for expansion, outputs, count, stride in [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1),
                                              (6, 160, 3, 2), (6, 320, 1, 1)]:
        for i in range(count):
            layers.append(Inverted(channels, channels * expansion, outputs, 3, stride if i == 0 else 1, nn.ReLU6))
            channels = outputs
    layers.append(conv_norm(320, 1280, 1, rectifier=nn.ReLU6))
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.2), nn.Linear(1280, classes))


def three_layer(classes):
    return nn.Sequential(nn.Conv2d(3, 32, 7, 1, 3), nn.ReLU(inplace=True), nn.MaxPool2d(2), nn.Flatten(),
                         nn.Linear(32 * 16 * 16, 100), nn.ReLU(inplace=True), nn.Linear(100, classes))


def lenet5(classes):
    return nn.Sequential(nn.Conv2d(1, 6, 5, 1, 2), nn.ReLU(inplace=True), nn.MaxPool2d(2),
                         nn.Conv2d(6, 16, 5), nn.ReLU(inplace=True), nn.MaxPool2d(2), nn.Flatten(),
                         nn.Linear(16 * 5 * 5, 120), nn.ReLU(inplace=True), nn.Linear(120, 84), nn.ReLU(inplace=True),
                         nn.Linear(84, classes))


def build(name, height, classes):
    """The network of that name as Fovea builds it; images of at most 64 pixels get the stem or head for small ones."""
    small = height <= 64
    builders = {
        "threelayer": lambda: three_layer(classes),
        "lenet5": lambda: lenet5(classes),
        "resnet18": lambda: resnet([2, 2, 2, 2], False, small, classes),
        "resnet50": lambda: resnet([3, 4, 6, 3], True, small, classes),
        "vgg16": lambda: vgg16(False, small, classes),
        "vgg16_bn": lambda: vgg16(True, small, classes),
        "mobilenet_v2": lambda: mobilenet_v2(classes),
    }
    return builders[name]()
