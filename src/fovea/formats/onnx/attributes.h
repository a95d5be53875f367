// The attributes of one node, each asked for by name and type; what nobody asks for is refused, so that none is overlooked.
#pragma once

#include <fovea_onnx.pb.h>

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "fovea/base/error.h"

namespace fovea::onnx {

// A sound file asks for something that Fovea does not have. All of a file's are told together.
class Unsupported : public Error {
 public:
  using Error::Error;
};

class Attributes {
 public:
  explicit Attributes(const proto::NodeProto& node) : node_(node) {}

  // Each throws FormatError when the attribute has another type.
  int64_t Integer(const std::string& name, int64_t otherwise) const;
  double Number(const std::string& name, double otherwise) const;
  std::string Text(const std::string& name, const std::string& otherwise) const;
  std::optional<std::vector<int64_t>> Integers(const std::string& name) const;
  std::optional<std::vector<float>> Numbers(const std::string& name) const;
  const proto::TensorProto* Tensor(const std::string& name) const;
  bool Has(const std::string& name) const { return Find(name) != nullptr; }

  // An attribute that says nothing about the result.
  void Ignore(const std::string& name) const { asked_.insert(name); }
  // Throws Unsupported naming the first attribute that nobody has asked for.
  void RefuseOthers() const;

 private:
  const proto::AttributeProto* Find(const std::string& name) const;
  const proto::AttributeProto* Find(const std::string& name, proto::AttributeProto::AttributeType type,
                                    const char* needed) const;

  const proto::NodeProto& node_;
  mutable std::set<std::string> asked_;
};

// The number that was meant: the shortest decimal that rounds to `value`, so that 1e-5f is 1e-5.
double Meant(float value);

}  // namespace fovea::onnx
