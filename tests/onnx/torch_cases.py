"""Small networks as PyTorch exports them, with what PyTorch itself computes."""
import io
import warnings

import torch
from torch import nn


class Viewed(nn.Module):
    """The batch by its size, as much old code has it."""

    def __init__(self):
        super().__init__()
        self.conv, self.fc = nn.Conv2d(3, 6, 3, padding=1), nn.Linear(6 * 4 * 4, 5)

    def forward(self, x):
        x = nn.functional.max_pool2d(torch.relu(self.conv(x)), 2)
        return nn.functional.softmax(self.fc(x.view(x.size(0), -1)), dim=1)


class Residual(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, 6, 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(6)
        self.conv2, self.bn2 = nn.Conv2d(6, 6, 3, padding=1, groups=3), nn.BatchNorm2d(6, eps=1e-3, momentum=0.2)
        self.fc = nn.Linear(12, 4)

    def forward(self, x):
        x = nn.functional.relu6(self.bn1(self.conv1(x)))
        y = nn.functional.leaky_relu(self.bn2(self.conv2(x)) + x, 0.1)
        return self.fc(torch.cat([x, y], 1).mean([2, 3]))


class Shuffled(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv, self.norm, self.up = nn.Conv2d(3, 8, 1), nn.GroupNorm(4, 8), nn.ConvTranspose2d(4, 4, 2, stride=2)
        nn.init.uniform_(self.norm.weight)
        nn.init.uniform_(self.norm.bias)

    def forward(self, x):
        x = self.norm(self.conv(x))
        n, c, h, w = x.shape
        x = x.view(n, 2, c // 2, h, w).transpose(1, 2).reshape(n, c, h, w)
        a, b = x.chunk(2, dim=1)
        a = nn.functional.interpolate(self.up(a), scale_factor=2, mode="bilinear", align_corners=False)
        b = nn.functional.interpolate(nn.functional.pad(b, (1, 0, 2, 1)), size=(a.size(2), a.size(3)))
        return torch.cat([a, b], 1)[:, :, 1:-1].amax(3).flatten(1)


class Turned(nn.Module):
    """A block of ConvNeXt: the channels are the last axis between two transpositions."""

    def __init__(self):
        super().__init__()
        self.stem, self.deep, self.norm = nn.Conv2d(3, 20, 2, 2), nn.Conv2d(20, 20, 3, padding=1, groups=20), nn.LayerNorm(20, eps=1e-6)
        self.wide, self.narrow, self.scale = nn.Linear(20, 40), nn.Linear(40, 20), nn.Parameter(torch.rand(20))
        self.last, self.fc = nn.LayerNorm(20), nn.Linear(20, 3)
        for norm in (self.norm, self.last):
            nn.init.uniform_(norm.weight)
            nn.init.uniform_(norm.bias)

    def forward(self, x):
        x = self.stem(x)
        y = self.norm(self.deep(x).permute(0, 2, 3, 1))
        y = self.scale * self.narrow(nn.functional.gelu(self.wide(y)))
        x = x + y.permute(0, 3, 1, 2)
        return self.fc(self.last(x.mean([2, 3])))


class Powers(nn.Module):
    """Lp pooling, and squeezes of an axis whose extent the exporter does not know."""

    def forward(self, x):
        x = nn.functional.lp_pool2d(x, 2.0, 2) - nn.functional.lp_pool2d(torch.exp(x), 3.0, (2, 3), stride=2, ceil_mode=True)
        return (x.mean(3, keepdim=True) * x.amax(2, keepdim=True)).mean(2, keepdim=True).squeeze(2)


def networks():
    yield "viewed", Viewed(), (2, 3, 8, 8)
    yield "residual", Residual(), (2, 3, 8, 8)
    yield "gelus", nn.Sequential(nn.Conv2d(3, 4, 1), nn.GELU(), nn.AvgPool2d(3, 2, 1, ceil_mode=True), nn.GELU(approximate="tanh"),
                                 nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(), nn.Linear(4, 3, bias=False)), (2, 3, 6, 6)
    yield "units", nn.Sequential(nn.Conv2d(3, 4, 1), nn.SiLU(), nn.Mish(), nn.Hardswish(), nn.PReLU(4), nn.Hardsigmoid(), nn.Hardtanh(-0.5, 0.6),
                                 nn.LogSigmoid(), nn.Softplus(), nn.ELU(), nn.Conv2d(4, 4, 3, bias=False), nn.LogSoftmax(1)), (2, 3, 4, 4)
    yield "turned", Turned(), (2, 3, 8, 6)
    yield "shuffled", Shuffled(), (2, 3, 4, 4)
    yield "line", nn.Sequential(nn.Conv1d(3, 4, 3, padding=1), nn.BatchNorm1d(4), nn.ReLU(), nn.MaxPool1d(2), nn.Flatten(),
                                nn.Linear(16, 3)), (2, 3, 8)
    yield "powers", Powers(), (2, 3, 4, 5)
    for size in (3, 4):
        norm = nn.LocalResponseNorm(size, 0.3, 0.6, 2)
        yield f"normed{size}", nn.Sequential(nn.Conv2d(3, 6, 3, stride=2), nn.ReLU(), norm, nn.Conv2d(6, 4, 1)), (2, 3, 7, 9)
        yield f"normed_line{size}", nn.Sequential(norm, nn.Conv1d(3, 4, 1)), (2, 3, 5)


def torch_cases(image):
    torch.manual_seed(7)
    for name, network, shape in networks():
        network.eval()
        x = torch.from_numpy(image(shape))
        # PyTorch's own export of bilinear interpolation is wrong before opset 11, and says so.
        for opset in (11, 13, 17) if name == "shuffled" else (9, 11, 13, 17):
            for free in (False, True):
                buffer = io.BytesIO()
                axes = {"input": {0: "batch"}} if free else None
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    torch.onnx.export(network, x, buffer, opset_version=opset, input_names=["input"], dynamic_axes=axes,
                                      do_constant_folding=opset != 11)
                with torch.no_grad():
                    yield f"torch_{name}_opset{opset}{'_free' if free else ''}", buffer.getvalue(), network(x).numpy()
