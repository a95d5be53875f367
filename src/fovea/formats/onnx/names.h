// Names of layers from names of nodes: kept where they are legal, made legal and unique where they are not.
#pragma once

#include <map>
#include <set>
#include <string>

namespace fovea::onnx {

class NodeNames {
 public:
  // `weight`, the name of the node's first weight, if any: "layer1.0.conv1.weight" makes "layer1.0.conv1", the name that
  // the weights' owner knows. Else the node's own name, '/' and other odd characters as '_'; else its type and a number.
  std::string Take(const std::string& weight, const std::string& node, const std::string& type);

 private:
  std::set<std::string> taken_;
  std::map<std::string, int> counts_;
};

}  // namespace fovea::onnx
