// The builders behind architectures.h, by family, and the blocks that they share.
#pragma once

#include <string>

#include "fovea/layers/conv2d.h"
#include "fovea/network/network.h"

namespace fovea::architectures {

struct Spec {
  Shape input;  // (C,H,W)
  int64_t classes;
  bool imagenet;       // stem and head for large images
  bool pad_shortcuts;  // of residual networks, where the shape changes: channels of zeros, not a convolution
};

Network ThreeLayer(const Spec& spec);
Network LeNet5(const Spec& spec);
Network GlyphNet(const Spec& spec);
Network Vgg16(const Spec& spec, bool norm);
// 6n + 2 layers of 16, 32 and 64 channels.
Network ResNetThin(const Spec& spec, int depth);
// 18, 34 or 50 layers of 64 to 512 channels.
Network ResNetWide(const Spec& spec, int depth);
Network MobileNetV2(const Spec& spec);
Network Airbench94(const Spec& spec);
Network Darknet19(const Spec& spec);
Network SqueezeNet11(const Spec& spec);
Network DenseNet121(const Spec& spec);
Network ShuffleNetV2(const Spec& spec);

// conv - batch norm, without a bias, which the norm would cancel, padded to half the kernel. The names are
// "NAME.conv" and "NAME.bn"; `from` is a value's number, and so is what comes back.
int AddConvNorm(Network& net, const std::string& name, const Conv2dOptions& options, int from);
// The same and ReLU, "NAME.relu".
int AddConvNormRelu(Network& net, const std::string& name, const Conv2dOptions& options, int from);
// Global average pool - flatten - affine "fc".
void AddHead(Network& net, int64_t classes);

}  // namespace fovea::architectures
