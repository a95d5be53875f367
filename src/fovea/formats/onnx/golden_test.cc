// Models of one operator, and small networks as PyTorch exports them, beside what ONNX Runtime and PyTorch make of them:
// tests/onnx/generate.py has the cases.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "fovea/base/file.h"
#include "fovea/base/message_of.h"
#include "fovea/engine/program.h"
#include "fovea/formats/npy.h"
#include "fovea/formats/onnx/onnx.h"
#include "fovea/formats/zip.h"

namespace fovea {
namespace {

std::map<std::string, std::string> Cases() {
  const std::string path = FOVEA_SOURCE_DIR "/tests/golden/onnx/operators.zip";
  std::map<std::string, std::string> cases;
  for (ZipEntry& entry : ReadZip(path, ReadFile(path, 1 << 24))) cases[entry.name] = std::move(entry.bytes);
  return cases;
}

// The result for two images of the numbers that generate.py gives them.
Tensor<float> Infer(Model& model) {
  Tensor<float> x(model.network.InputShape(2));
  for (int64_t i = 0; i < x.size(); i++)
    x[i] = static_cast<float>(static_cast<double>((i * 7919 + 13) % 4001) / 1000 - 2);
  Program program(model.network, {.max_batch = 2, .threads = 1});
  const auto y = program.Forward(x);
  Tensor<float> copy(y.shape());
  std::copy(y.values().begin(), y.values().end(), copy.data());
  return copy;
}

// Calls visit(name, model, answer) for every model that has one.
template <class Visit>
void ForEachModel(const Visit& visit) {
  const auto cases = Cases();
  for (const auto& [file, bytes] : cases) {
    if (!file.ends_with(".npy")) continue;
    const std::string name = file.substr(0, file.size() - 4);
    SCOPED_TRACE(name);
    try {
      Model model = ParseOnnx(name, cases.at(name + ".onnx"));
      visit(name, model, ParseNpy(name, bytes));
    } catch (const Error& error) {
      ADD_FAILURE() << error.what();
    }
  }
}

TEST(OnnxGolden, EveryOperatorIsWhatOthersCompute) {
  int compared = 0;
  ForEachModel([&](const std::string&, Model& model, const Tensor<float>& want) {
    const Tensor<float> y = Infer(model);
    ASSERT_EQ(y.size(), want.size()) << y.shape().ToString() << " instead of " << want.shape().ToString();
    // Another order of the same sums in single precision.
    for (int64_t i = 0; i < y.size(); i++)
      ASSERT_NEAR(y[i], want[i], 1e-5 * std::max(1.0f, std::abs(want[i]))) << i;
    compared++;
  });
  EXPECT_GT(compared, 450);
}

// What older opsets have no operator for stands there as arithmetic.
TEST(OnnxGolden, FunctionsThatAreSpeltOutAreOneLayer) {
  const std::map<std::string, std::vector<std::string>> layers{
      {"torch_gelus", {"gelu"}},
      {"torch_units", {"silu", "mish", "hardswish", "log_sigmoid"}},
      {"torch_turned", {"layer_norm", "gelu"}},
      {"torch_shuffled", {"group_norm", "channel_shuffle"}},
      {"torch_normed3", {"local_response_norm"}},
      {"torch_normed4", {"local_response_norm"}},
      {"torch_normed_line3", {"local_response_norm"}},
      {"torch_normed_line4", {"local_response_norm"}}};
  int found = 0;
  ForEachModel([&](const std::string& name, Model& model, const Tensor<float>&) {
    const auto wanted = layers.find(name.substr(0, name.find("_opset")));
    if (wanted == layers.end()) return;
    for (const std::string& type : wanted->second) {
      EXPECT_TRUE(std::any_of(model.network.nodes().begin(), model.network.nodes().end(),
                              [&](const Node& node) { return node.layer->Type() == type; }))
          << type;
    }
    found++;
  });
  EXPECT_EQ(found, 62);
}

// Written again and read again, a foreign model is the same one.
TEST(OnnxGolden, WhatWasReadCanBeWritten) {
  ForEachModel([](const std::string& name, Model& model, const Tensor<float>&) {
    std::string bytes;
    try {
      bytes = SerialiseOnnx(model);
    } catch (const ArgumentError& error) {  // of a younger opset
      EXPECT_THAT(error.what(), testing::HasSubstr("opset 17 has no"));
      return;
    }
    Model back = ParseOnnx(name, bytes);
    ASSERT_TRUE(SameGraph(model.network, back.network));
    ASSERT_THAT(Infer(back).values(), testing::ElementsAreArray(Infer(model).values()));
  });
}

TEST(OnnxGolden, WhatIsNotSupportedIsRefusedByName) {
  const auto cases = Cases();
  for (const auto& [file, message] : cases) {
    if (!file.ends_with(".error")) continue;
    const std::string name = file.substr(0, file.size() - 6);
    EXPECT_THAT(MessageOf([&] { ParseOnnx(name, cases.at(name + ".onnx")); }),
                testing::AllOf(testing::HasSubstr(name), testing::HasSubstr(message)));
  }
}

}  // namespace
}  // namespace fovea
