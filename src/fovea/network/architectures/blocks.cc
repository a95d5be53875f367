#include "fovea/layers/batch_norm.h"
#include "fovea/layers/flatten.h"
#include "fovea/layers/global_avg_pool.h"
#include "fovea/layers/linear.h"
#include "fovea/layers/relu.h"
#include "fovea/network/architectures/builders.h"

namespace fovea::architectures {

int AddConvNorm(Network& net, const std::string& name, const Conv2dOptions& options, int from) {
  Conv2dOptions o = options;
  o.bias = false;
  o.padding = {(o.kernel.h - 1) / 2, (o.kernel.w - 1) / 2, (o.kernel.h - 1) / 2, (o.kernel.w - 1) / 2};
  net.Add(name + ".conv", Conv2d(o), {from});
  return net.Add(name + ".bn", BatchNorm());
}

int AddConvNormRelu(Network& net, const std::string& name, const Conv2dOptions& options, int from) {
  AddConvNorm(net, name, options, from);
  return net.Add(name + ".relu", Relu());
}

void AddHead(Network& net, int64_t classes) {
  net.Add("pool", GlobalAvgPool());
  net.Add("flatten", Flatten());
  net.Add("fc", Linear({.features = classes, .init = "xavier"}));
}

}  // namespace fovea::architectures
