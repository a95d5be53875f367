// Fovea to ONNX and back: the network that the metadata describe, where the graph is what it is written as.
#include <fovea_onnx.pb.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <sstream>

#include "fovea/base/file.h"
#include "fovea/base/message_of.h"
#include "fovea/base/random.h"
#include "fovea/formats/network_json.h"
#include "fovea/formats/onnx/onnx.h"
#include "fovea/formats/onnx/outgoing.h"
#include "fovea/layers/registry.h"

namespace fovea {
namespace {

using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::HasSubstr;

Model ModelOf(const std::string& graph) {
  Model model{NetworkFromJson("test", graph), {}, {}};
  const auto channels = static_cast<std::size_t>(model.network.InputShape(1)[1]);
  model.preprocessing = {std::vector<double>(channels, 0), std::vector<double>(channels, 1)};
  RandomStream random({4}, 0);
  const auto draw = [&](TensorView<float> to) {
    for (float& v : to.values()) v = static_cast<float>(random.Uniform(0.25, 1.5));
  };
  for (int i = 0; i < static_cast<int>(model.network.parameters().size()); i++)
    draw(model.network.MutableParameter(i));
  for (int i = 0; i < static_cast<int>(model.network.states().size()); i++)
    draw(model.network.MutableState(i));
  return model;
}

// A graph of layers that follow each other, each as {"type": ..., "hyper": {...}}.
std::string Chain(const std::string& input, const std::vector<std::string>& layers) {
  std::string nodes;
  for (std::size_t i = 0; i < layers.size(); i++)
    nodes += (i == 0 ? "" : ",") + layers[i].substr(0, layers[i].size() - 1) + R"(,"name":"n)" +
             std::to_string(i) + R"(","inputs":[)" + std::to_string(i) + "]}";
  return R"({"input":)" + input + R"(,"nodes":[)" + nodes + "]}";
}

onnx::proto::ModelProto FileOf(const Model& model) {
  onnx::proto::ModelProto file;
  EXPECT_TRUE(file.ParseFromString(SerialiseOnnx(model)));
  return file;
}

void Describe(const std::string& graph, onnx::proto::ModelProto& file) {
  for (auto& entry : *file.mutable_metadata_props()) {
    if (entry.key() == "fovea.network") entry.set_value(graph);
  }
}

std::vector<std::string> LayersIn(const onnx::proto::ModelProto& file) {
  const Model model = ParseOnnx("f", file.SerializeAsString());
  std::vector<std::string> types;
  for (const Node& node : model.network.nodes()) types.emplace_back(node.layer->Type());
  return types;
}

void ExpectSameWeights(std::span<const NamedTensor> a, std::span<const NamedTensor> b) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); i++)
    EXPECT_THAT(b[i].value.values(), ElementsAreArray(a[i].value.values())) << a[i].name;
}

// tests/onnx/layers.jsonl has every layer with options that are not its own; export_test.py shows the same files to others.
TEST(OnnxDescribed, EveryLayerComesBackAsItWas) {
  std::istringstream lines(ReadFile(FOVEA_SOURCE_DIR "/tests/onnx/layers.jsonl", 1 << 20));
  std::set<std::string> types;
  for (std::string line; std::getline(lines, line);) {
    SCOPED_TRACE(line);
    const Model model = ModelOf(line);
    for (const Node& node : model.network.nodes()) types.emplace(node.layer->Type());
    if (line.find("\"refused\"") != std::string::npos) {
      EXPECT_THAT(MessageOf([&] { SerialiseOnnx(model); }),
                  HasSubstr("layer " + model.network.nodes()[0].name));
      continue;
    }
    const Model back = ParseOnnx("f", SerialiseOnnx(model));
    EXPECT_EQ(NetworkToJson(back.network), NetworkToJson(model.network));
    ExpectSameWeights(model.network.parameters(), back.network.parameters());
    ExpectSameWeights(model.network.states(), back.network.states());
  }
  EXPECT_THAT(types, testing::UnorderedElementsAreArray(LayerTypes()));
}

// Padding by the size of the image is that of the new size.
TEST(OnnxDescribed, ANetworkForImagesOfAnotherSizeIsTheOneDescribed) {
  const std::string layer =
      R"({"type":"conv2d","hyper":{"filters":2,"kernel":3,"stride":2,"auto_pad":"same"}})";
  const Model model = ModelOf(Chain("[1,6,6]", {layer}));
  const Model larger = ParseOnnx("f", SerialiseOnnx(model), {.input = {1, 9, 9}, .output = ""});
  EXPECT_EQ(larger.network.OutputShape(1), Shape({1, 2, 5, 5}));
  EXPECT_EQ(NetworkToJson(larger.network), NetworkToJson(ModelOf(Chain("[1,9,9]", {layer})).network));
  ExpectSameWeights(model.network.parameters(), larger.network.parameters());
}

// The layer that the value does not need is left out.
TEST(OnnxDescribed, ABeginningIsThatOfTheNetworkDescribed) {
  const Model model = ModelOf(
      R"({"input":[2,6,6],"nodes":[
        {"name":"other","type":"prelu","inputs":[0],"hyper":{}},
        {"name":"norm","type":"instance_norm","inputs":[0],"hyper":{"affine":false}},
        {"name":"pool","type":"max_pool2d","inputs":[2],"hyper":{"ties":"split"}},
        {"name":"slope","type":"prelu","inputs":[3],"hyper":{}},
        {"name":"twice","type":"add","inputs":[4,4],"hyper":{}}]})");
  const Model beginning = ParseOnnx("f", SerialiseOnnx(model), {.input = {}, .output = "slope:y"});
  const Model wanted = ModelOf(Chain(
      "[2,6,6]", {R"({"type":"instance_norm","hyper":{"affine":false}})",
                  R"({"type":"max_pool2d","hyper":{"ties":"split"}})", R"({"type":"prelu","hyper":{}})"}));
  ASSERT_EQ(beginning.network.nodes().size(), 3u);
  for (std::size_t i = 0; i < 3; i++)
    EXPECT_EQ(*beginning.network.nodes()[i].layer, *wanted.network.nodes()[i].layer);
  EXPECT_THAT(beginning.network.parameters()[0].value.values(),
              ElementsAreArray(model.network.parameters()[1].value.values()));
}

TEST(OnnxDescribed, AGraphThatWasChangedIsRight) {
  const std::string plain = R"({"type":"instance_norm","hyper":{"affine":false}})",
                    relu = R"({"type":"relu","hyper":{}})", exp = R"({"type":"exp","hyper":{}})";
  onnx::proto::ModelProto file = FileOf(ModelOf(Chain("[2,3,3]", {plain, relu})));
  Describe(Chain("[2,3,3]", {plain, exp}), file);
  EXPECT_THAT(LayersIn(file), ElementsAre("instance_norm", "relu"));

  file = FileOf(ModelOf(Chain("[2,3,3]", {plain, relu})));
  file.mutable_graph()->mutable_initializer(0)->set_float_data(1, 3);  // a scale
  const Model scaled = ParseOnnx("f", file.SerializeAsString());
  ASSERT_EQ(scaled.network.parameters().size(), 2u);
  EXPECT_THAT(scaled.network.parameters()[0].value.values(), ElementsAre(1, 3));

  file = FileOf(ModelOf(Chain("[2,3,3]", {R"({"type":"softplus","hyper":{}})"})));
  Describe(Chain("[2,3,3]", {R"({"type":"softplus","hyper":{"beta":3}})"}), file);
  const Model soft = ParseOnnx("f", file.SerializeAsString());
  EXPECT_EQ(*soft.network.nodes()[0].layer, *MakeLayer("softplus"));

  file = FileOf(ModelOf(Chain("[2,3,3]", {plain, relu})));
  file.mutable_opset_import(0)->set_version(16);
  EXPECT_EQ(ParseOnnx("f", file.SerializeAsString()).network.parameters().size(), 2u);
}

// Weights and constants of more values than the file could hold are not even made room for.
TEST(OnnxDescribed, ADescriptionOfMuchCostsNothing) {
  const std::string relu = R"({"type":"relu","hyper":{}})";
  onnx::proto::ModelProto file = FileOf(ModelOf(Chain("[2,3,3]", {relu})));
  Describe(Chain("[2,3,3]", {R"({"type":"conv2d","hyper":{"filters":1000000000000,"kernel":3}})"}), file);
  EXPECT_THAT(LayersIn(file), ElementsAre("relu"));

  const Model plain = ModelOf(Chain("[3000,1,1]", {R"({"type":"instance_norm","hyper":{"affine":false}})"}));
  EXPECT_THAT(MessageOf([&] { onnx::FrameToProto(plain.network, 5999); }),
              HasSubstr("layer n0: it needs 3000 constants"));
}

}  // namespace
}  // namespace fovea
