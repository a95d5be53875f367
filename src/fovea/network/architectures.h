// Built-in networks by name: "resnet20", or with options behind colons: "resnet20:stem=imagenet" overrides what follows from the input.
//   threelayer         conv 7x7x32 - relu - pool - affine 100 - relu - affine (Stanford CS231n, assignment 2)
//   lenet5             conv 5x5x6 - pool - conv 5x5x16 - pool - 120 - 84 - classes (LeCun et al. 1998, with
//                      ReLU and max pooling)
//   glyphnet           six 3x3 convolutions with batch norm, 16-32-64 channels; made for the built-in glyphs
//   vgg16, vgg16_bn    Simonyan & Zisserman 2014, arXiv:1409.1556, without and with batch norm
//   resnet20 to 110    He et al. 2016, the thin form, arXiv:1512.03385; 20, 32, 44, 56 and 110 layers
//   resnet18, 34, 50   He et al. 2016, the wide form, the stride in the 3x3 convolution
//   mobilenet_v2       Sandler et al. 2018, arXiv:1801.04381
//   airbench94         six 3x3 convolutions behind a whitening one, 64-256-256 channels, made for images of 32x32 (Jordan
//                      2024, arXiv:2404.00498, in the form of its later speed runs)
//   darknet19          Redmon & Farhadi 2016, arXiv:1612.08242, as darknet's own cfg has it
//   squeezenet1_1      Iandola et al. 2016, arXiv:1602.07360, in its release 1.1
//   densenet121        Huang et al. 2016, arXiv:1608.06993
//   shufflenet_v2      Ma et al. 2018, arXiv:1807.11164, at width 1.0
// The nodes of the last three that have parameters are named as in torchvision ("features.denseblock1.denselayer1.conv1").
// Shortcuts are 1x1 convolutions where the shape changes; "resnet20:shortcut=pad" has every second pixel instead, between channels of
// zeros, half before and half after, as the paper does on CIFAR-10 and the checkpoints that are published for it. Images with sides of at most 64 get a small stem (3x3
// without stride, no pooling; VGG one affine layer), larger ones the published stem and head.
#pragma once

#include <string>
#include <vector>

#include "fovea/network/network.h"

#pragma GCC visibility push(default)
namespace fovea {

// `input` is (C, H, W). Weights are zero until Initialise. Throws ArgumentError for an unknown name or option
// (with the nearest known one), ShapeError naming the layer when the input is too small.
Network BuildNetwork(const std::string& spec, const Shape& input, int64_t classes);

std::vector<std::string> NetworkNames();

}  // namespace fovea
#pragma GCC visibility pop
