"""Networks that Fovea does not have built in and reads from the ONNX files that PyTorch writes: as their papers have them, in the form that
torchvision made usual."""
import torch
import torch.nn.functional as F
from torch import nn

from pytorch_networks import Inverted, conv_norm, resnet


class Excitation(nn.Module):
    """A gate for each channel, from the mean of its map."""

    def __init__(self, channels, squeezed, activation, gate):
        super().__init__()
        self.gates = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Conv2d(channels, squeezed, 1), activation(), nn.Conv2d(squeezed, channels, 1), gate())

    def forward(self, x):
        return x * self.gates(x)


def efficientnet_b0(classes):
    layers, channels = [conv_norm(3, 32, 3, 2, rectifier=nn.SiLU)], 32
    for expansion, kernel, stride, outputs, count in [(1, 3, 1, 16, 1), (6, 3, 2, 24, 2), (6, 5, 2, 40, 2), (6, 3, 2, 80, 3),
                                                      (6, 5, 1, 112, 3), (6, 5, 2, 192, 4), (6, 3, 1, 320, 1)]:
        for i in range(count):
            wide = channels * expansion
            excitation = Excitation(wide, channels // 4, nn.SiLU, nn.Sigmoid)
            layers.append(Inverted(channels, wide, outputs, kernel, stride if i == 0 else 1, nn.SiLU, excitation))
            channels = outputs
    layers.append(conv_norm(320, 1280, 1, rectifier=nn.SiLU))
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.2), nn.Linear(1280, classes))


def mobilenet_v3_large(classes):
    layers, channels = [conv_norm(3, 16, 3, 2, rectifier=nn.Hardswish)], 16
    for kernel, wide, outputs, excites, swishes, stride in [
            (3, 16, 16, 0, 0, 1), (3, 64, 24, 0, 0, 2), (3, 72, 24, 0, 0, 1), (5, 72, 40, 1, 0, 2), (5, 120, 40, 1, 0, 1), (5, 120, 40, 1, 0, 1),
            (3, 240, 80, 0, 1, 2), (3, 200, 80, 0, 1, 1), (3, 184, 80, 0, 1, 1), (3, 184, 80, 0, 1, 1), (3, 480, 112, 1, 1, 1),
            (3, 672, 112, 1, 1, 1), (5, 672, 160, 1, 1, 2), (5, 960, 160, 1, 1, 1), (5, 960, 160, 1, 1, 1)]:
        squeezed = (wide // 4 + 7) // 8 * 8
        excitation = Excitation(wide, squeezed, nn.ReLU, nn.Hardsigmoid) if excites else None
        layers.append(Inverted(channels, wide, outputs, kernel, stride, nn.Hardswish if swishes else nn.ReLU, excitation))
        channels = outputs
    layers.append(conv_norm(160, 960, 1, rectifier=nn.Hardswish))
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(960, 1280), nn.Hardswish(), nn.Dropout(0.2),
                         nn.Linear(1280, classes))


class ChannelNorm(nn.LayerNorm):
    def forward(self, x):
        return super().forward(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


class ConvNextBlock(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.deep, self.norm = nn.Conv2d(channels, channels, 7, padding=3, groups=channels), nn.LayerNorm(channels, eps=1e-6)
        self.wide, self.narrow = nn.Linear(channels, 4 * channels), nn.Linear(4 * channels, channels)
        self.scale = nn.Parameter(torch.full((channels, 1, 1), 1e-6))

    def forward(self, x):
        y = self.norm(self.deep(x).permute(0, 2, 3, 1))
        return x + self.scale * self.narrow(F.gelu(self.wide(y))).permute(0, 3, 1, 2)


def convnext_tiny(classes):
    layers, channels = [nn.Conv2d(3, 96, 4, 4), ChannelNorm(96, eps=1e-6)], 96
    for stage, count in enumerate([3, 3, 9, 3]):
        if stage:
            layers += [ChannelNorm(channels, eps=1e-6), nn.Conv2d(channels, 2 * channels, 2, 2)]
            channels *= 2
        layers += [ConvNextBlock(channels) for _ in range(count)]
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), ChannelNorm(768, eps=1e-6), nn.Flatten(), nn.Linear(768, classes))


def resnext50(classes):
    return resnet([3, 4, 6, 3], True, False, classes, groups=32)


class UNet(nn.Module):
    """Four scales from 32 channels on, two 3x3 convolutions each; gives a map of scores."""

    def __init__(self, classes):
        super().__init__()

        def twice(inputs, outputs):
            return nn.Sequential(conv_norm(inputs, outputs, 3, rectifier=nn.ReLU), conv_norm(outputs, outputs, 3, rectifier=nn.ReLU))

        self.down = nn.ModuleList([twice(3, 32), twice(32, 64), twice(64, 128), twice(128, 256)])
        self.raised = nn.ModuleList([nn.ConvTranspose2d(2 * c, c, 2, 2) for c in (128, 64, 32)])
        self.up = nn.ModuleList([twice(2 * c, c) for c in (128, 64, 32)])
        self.scores = nn.Conv2d(32, classes, 1)

    def forward(self, x):
        kept = [self.down[0](x)]
        for down in self.down[1:]:
            kept.append(down(F.max_pool2d(kept[-1], 2)))
        x = kept.pop()
        for raised, up in zip(self.raised, self.up):
            x = up(torch.cat([kept.pop(), raised(x)], 1))
        return self.scores(x)


NETWORKS = {"efficientnet_b0": efficientnet_b0, "mobilenet_v3_large": mobilenet_v3_large, "convnext_tiny": convnext_tiny, "resnext50": resnext50,
            "unet": UNet}
