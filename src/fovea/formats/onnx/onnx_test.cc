#include "fovea/formats/onnx/onnx.h"

#include <fovea_onnx.pb.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>

#include "fovea/base/error.h"
#include "fovea/base/file.h"
#include "fovea/base/measure.h"
#include "fovea/base/message_of.h"
#include "fovea/base/random.h"
#include "fovea/engine/program.h"
#include "fovea/layers/linear.h"
#include "fovea/layers/local_response_norm.h"
#include "fovea/network/architectures.h"

namespace fovea {
namespace {

using testing::ElementsAreArray;
using testing::HasSubstr;

Model Example(const std::string& name, const Shape& input = {3, 32, 32}) {
  Model model{BuildNetwork(name, input, 4),
              {std::vector<double>(static_cast<std::size_t>(input[0]), 0.25),
               std::vector<double>(static_cast<std::size_t>(input[0]), 0.5)},
              {"a", "b", "c", "d"}};
  model.network.Initialise(3);
  return model;
}

void ExpectSameWeights(const Network& a, const Network& b) {
  ASSERT_EQ(a.parameters().size(), b.parameters().size());
  for (std::size_t i = 0; i < a.parameters().size(); i++) {
    EXPECT_EQ(a.parameters()[i].name, b.parameters()[i].name);
    ASSERT_THAT(b.parameters()[i].value.values(), ElementsAreArray(a.parameters()[i].value.values()));
  }
  for (std::size_t i = 0; i < a.states().size(); i++)
    ASSERT_THAT(b.states()[i].value.values(), ElementsAreArray(a.states()[i].value.values()));
}

// The file as a stranger would have written it: without what Fovea says of itself.
std::string WithoutMetadata(const std::string& bytes) {
  onnx::proto::ModelProto file;
  EXPECT_TRUE(file.ParseFromString(bytes));
  file.clear_metadata_props();
  return file.SerializeAsString();
}

std::vector<float> Outputs(Network& network) {
  Tensor<float> x(network.InputShape(2));
  RandomStream random({5}, 0);
  for (float& v : x.values()) v = static_cast<float>(random.Uniform(-1, 1));
  Program program(network, {.max_batch = 2, .threads = 1});
  const auto y = program.Forward(x);
  return {y.values().begin(), y.values().end()};
}

std::vector<std::string> StepsOf(Network& network) {
  std::vector<std::string> steps;
  for (const StepInfo& step : Program(network, {.threads = 1}).Steps())
    steps.push_back(step.nodes + " " + step.step);
  return steps;
}

TEST(Onnx, EveryNetworkComesBackAsItWas) {
  for (const std::string& name : NetworkNames()) {
    const Model model = Example(name);
    const Model back = ParseOnnx(name, SerialiseOnnx(model));
    EXPECT_TRUE(SameGraph(model.network, back.network)) << name;
    ExpectSameWeights(model.network, back.network);
    EXPECT_EQ(back.preprocessing.mean, model.preprocessing.mean);
    EXPECT_EQ(back.preprocessing.deviation, model.preprocessing.deviation);
    EXPECT_EQ(back.classes, model.classes);
    EXPECT_EQ(back.conventions.micro_shard, model.conventions.micro_shard);
  }
}

// What ONNX itself says is enough for the same function: the graph is read, not what the metadata promise.
TEST(Onnx, TheGraphAloneGivesTheSameOutputs) {
  for (const char* name : {"lenet5", "airbench94", "resnet20", "mobilenet_v2"}) {
    Model model = Example(name);
    Model back = ParseOnnx(name, WithoutMetadata(SerialiseOnnx(model)));
    ExpectSameWeights(model.network, back.network);
    EXPECT_EQ(Outputs(back.network), Outputs(model.network)) << name;
    EXPECT_TRUE(back.classes.empty());
    EXPECT_THAT(back.preprocessing.deviation, testing::ElementsAre(1, 1, 1));
  }
}

// ONNX Runtime's LRN has odd sizes alone.
TEST(Onnx, ALocalResponseNormOfAnEvenSizeIsSpeltOutAndRecognised) {
  for (const Shape& image : {Shape({6, 5, 4}), Shape({6})}) {
    Model model{Network(image), {std::vector<double>(6, 0), std::vector<double>(6, 1)}, {}};
    model.network.Add("norm", LocalResponseNorm({.size = 4, .alpha = 0.3, .beta = 0.6, .bias = 2}));
    const std::string bytes = SerialiseOnnx(model);
    EXPECT_THAT(bytes, testing::Not(HasSubstr("LRN")));
    EXPECT_TRUE(SameGraph(ParseOnnx("m", WithoutMetadata(bytes)).network, model.network));
  }
}

TEST(Onnx, AnImportedModelRunsByTheSameSteps) {
  Model model = Example("resnet18", {3, 64, 64});
  Model back = ParseOnnx("resnet18", WithoutMetadata(SerialiseOnnx(model)));
  EXPECT_EQ(StepsOf(back.network), StepsOf(model.network));
}

// A hyper-parameter that ONNX has a word for is what the graph says, whatever the metadata say.
TEST(Onnx, TheGraphOutweighsTheMetadata) {
  onnx::proto::ModelProto file;
  ASSERT_TRUE(file.ParseFromString(SerialiseOnnx(Example("resnet20"))));
  for (auto& node : *file.mutable_graph()->mutable_node()) {
    if (node.op_type() != "BatchNormalization") continue;
    auto& attribute = *node.add_attribute();
    attribute.set_name("epsilon");
    attribute.set_type(onnx::proto::AttributeProto::FLOAT);
    attribute.set_f(1e-3f);
  }
  const Model back = ParseOnnx("m", file.SerializeAsString());
  for (const Node& node : back.network.nodes()) {
    if (node.layer->Type() == "batch_norm") {
      EXPECT_THAT(ToString(*node.layer), HasSubstr("eps=0.001"));
    }
  }
}

// Names of classes and examples are those of the outputs.
TEST(Onnx, ABeginningOfAModelKeepsItsPreprocessing) {
  Model model = Example("lenet5");
  model.examples = {{Tensor<float>(model.network.InputShape(1), 0.5f), Tensor<float>({1, 4}, 1)}};
  const std::string bytes = SerialiseOnnx(model);
  const Model beginning = ParseOnnx("m", bytes, {.input = {}, .output = "relu2:y"});
  EXPECT_EQ(beginning.network.OutputShape(1), Shape({1, 16, 12, 12}));
  EXPECT_EQ(beginning.preprocessing.mean, model.preprocessing.mean);
  EXPECT_TRUE(beginning.classes.empty());
  EXPECT_TRUE(beginning.examples.empty());
  EXPECT_EQ(ParseOnnx("m", bytes, {.input = {}, .output = "output"}).classes, model.classes);
}

// Answers to one size of image are none to another.
TEST(Onnx, AModelForImagesOfAnotherSizeKeepsItsNames) {
  Model model = Example("resnet20");
  const Shape input = model.network.InputShape(1), output = model.network.OutputShape(1);
  model.examples = {{Tensor<float>(input, 0.5f), Tensor<float>(output, 1)}};
  const std::string bytes = SerialiseOnnx(model);
  const Model larger = ParseOnnx("m", bytes, {.input = {input[1], 2 * input[2], 2 * input[3]}, .output = ""});
  EXPECT_EQ(larger.network.InputShape(1), Shape({1, input[1], 2 * input[2], 2 * input[3]}));
  EXPECT_EQ(larger.classes, model.classes);
  EXPECT_TRUE(larger.examples.empty());
  const Model same = ParseOnnx("m", bytes, {.input = {input[1], input[2], input[3]}, .output = ""});
  EXPECT_EQ(same.examples.size(), 1u);
}

TEST(Onnx, SaysWhatItIsNot) {
  EXPECT_THAT(MessageOf([] { ParseOnnx("f", ""); }), HasSubstr("f: the file is empty"));
  EXPECT_THAT(MessageOf([] { ParseOnnx("f", "hello, world"); }), HasSubstr("f: at offset"));
  const std::string good = SerialiseOnnx(Example("lenet5"));
  EXPECT_THAT(MessageOf([&] { ParseOnnx("f", good.substr(0, good.size() - 100)); }), HasSubstr("claims"));
}

// All that is missing in one message, each kind once, with its first node.
TEST(Onnx, ListsEveryUnsupportedOperator) {
  onnx::proto::ModelProto file;
  ASSERT_TRUE(file.ParseFromString(SerialiseOnnx(Example("resnet20"))));
  int relus = 0, joins = 0;
  for (auto& node : *file.mutable_graph()->mutable_node()) {
    if (node.op_type() == "Relu") node.set_op_type("Det"), relus++;
    if (node.op_type() == "Add") node.set_domain("com.example"), joins++;
  }
  const std::string message = MessageOf([&] { ParseOnnx("f", file.SerializeAsString()); });
  EXPECT_THAT(message,
              HasSubstr("Det: " + std::to_string(relus) + " nodes, the first is node \"stem.relu\" (Det)"));
  EXPECT_THAT(message, HasSubstr("com.example.Add: " + std::to_string(joins) +
                                 " nodes, the first is node \"stage1.block1.join\""));
}

// A network whose affine layer is a product and a sum, which become one layer.
onnx::proto::ModelProto SplitGemm() {
  onnx::proto::ModelProto file;
  EXPECT_TRUE(file.ParseFromString(WithoutMetadata(SerialiseOnnx(Example("lenet5")))));
  auto& nodes = *file.mutable_graph()->mutable_node();
  onnx::proto::NodeProto& sum = *nodes.Add();
  onnx::proto::NodeProto& product = *std::find_if(nodes.begin(), nodes.end(), [&](const auto& n) {
    return n.output(0) == file.graph().output(0).name();
  });
  sum.set_op_type("Add");
  for (const std::string& name : {std::string("product"), product.input(2)}) sum.add_input(name);
  sum.add_output(product.output(0));
  product.set_output(0, "product");
  product.mutable_input()->RemoveLast();
  return file;
}

// Further outputs do no harm as long as nobody reads them, of a node that is a layer and of one that became part of one.
TEST(Onnx, RefusesAnOutputThatNothingGives) {
  for (const auto& [op, refusal] : {std::pair<const char*, const char*>{"Relu", "Relu, its output 1 is read"},
                                    {"Add", "nothing gives the output \"second\""}}) {
    onnx::proto::ModelProto file = SplitGemm();
    auto& nodes = *file.mutable_graph()->mutable_node();
    std::find_if(nodes.begin(), nodes.end(), [&, &op = op](const auto& n) {
      return n.op_type() == op;
    })->add_output("second");
    EXPECT_EQ(ParseOnnx("f", file.SerializeAsString()).network.OutputShape(1).Size(), 4) << op;
    onnx::proto::ModelProto chosen = file;
    chosen.mutable_graph()->mutable_output(0)->set_name("second");
    EXPECT_THAT(MessageOf([&] { ParseOnnx("f", chosen.SerializeAsString()); }), HasSubstr(refusal));
    onnx::proto::NodeProto& last = *nodes.Add();
    last.set_op_type("Relu");
    last.add_input("second");
    last.add_output("last");
    file.mutable_graph()->mutable_output(0)->set_name("last");
    EXPECT_THAT(MessageOf([&] { ParseOnnx("f", file.SerializeAsString()); }),
                testing::AnyOf(HasSubstr(refusal), HasSubstr("it reads \"second\", which nothing gives")))
        << op;
  }
}

// Damage anywhere is either harmless or an Error that names the file: no crash, no hang, no memory that the file does not pay for.
TEST(Onnx, SurvivesDamage) {
  const std::string good = SerialiseOnnx(Example("glyphnet", {1, 16, 16}));
  RandomStream random({9}, 0);
  int refused = 0;
  for (int i = 0; i < 800; i++) {
    std::string bytes = i % 2 == 0 ? good : WithoutMetadata(good);
    if (i % 8 == 0) bytes.resize(random.Below(static_cast<uint32_t>(bytes.size())));
    for (uint32_t flips = 1 + random.Below(4); flips > 0 && !bytes.empty(); flips--) {
      // The graph lies before its weights, the metadata behind them.
      const bool front = random.Below(3) > 0;
      const auto span = static_cast<uint32_t>(std::min<std::size_t>(bytes.size(), 3000));
      bytes[front ? random.Below(span) : bytes.size() - 1 - random.Below(span)] =
          static_cast<char>(random.Next());
    }
    try {
      ParseOnnx("damaged", bytes);
    } catch (const Error& error) {
      refused++;
      EXPECT_THAT(error.what(), HasSubstr("damaged"));
    }
  }
  EXPECT_GT(refused, 400);
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
// A file of 100 MB is read in a process of its own, whose peak is then the reader's.
TEST(Onnx, HoldsWeightsOnce) {
  const std::string path = testing::TempDir() + "large.onnx";
  {
    Model model{Network({5000}), {std::vector<double>(5000, 0), std::vector<double>(5000, 1)}, {}};
    model.network.Add("fc", Linear({.features = 5000, .bias = false}));
    SaveOnnx(path, model);
  }
  const auto read = [&] {
    const double before = ReadProcessMemory().resident_mib;
    const Model model = LoadOnnx(path);
    const double weights = static_cast<double>(model.network.HeldBytes()) / (1 << 20),
                 took = ReadProcessMemory().peak_mib - before;
    std::fprintf(stderr, "%.0f MiB for %.0f MiB of weights", took, weights);
    std::_Exit(weights > 95 && took < weights + 16 ? 0 : 1);
  };
  GTEST_FLAG_SET(death_test_style, "fast");
  EXPECT_EXIT(read(), testing::ExitedWithCode(0), "");
  std::remove(path.c_str());
}
#endif

// Writes a model with its weights in external.bin, which the file says is at `location`; returns the file's bytes.
std::string SaveBeside(onnx::proto::ModelProto file, const std::string& path, const std::string& location) {
  std::string weights = "skip";
  for (auto& tensor : *file.mutable_graph()->mutable_initializer()) {
    for (const auto& [key, value] : {std::pair<std::string, std::string>{"location", location},
                                     {"offset", std::to_string(weights.size())},
                                     {"length", std::to_string(tensor.raw_data().size())}}) {
      auto& entry = *tensor.add_external_data();
      entry.set_key(key);
      entry.set_value(value);
    }
    weights += tensor.raw_data();
    tensor.clear_raw_data();
    tensor.set_data_location(onnx::proto::TensorProto::EXTERNAL);
  }
  WriteFileAtomic(path, file.SerializeAsString());
  WriteFileAtomic(testing::TempDir() + "external.bin", weights);
  return file.SerializeAsString();
}

TEST(Onnx, ReadsWeightsBesideTheFileAndNowhereElse) {
  const Model model = Example("lenet5");
  onnx::proto::ModelProto file;
  ASSERT_TRUE(file.ParseFromString(SerialiseOnnx(model)));
  const std::string path = testing::TempDir() + "external.onnx";
  const auto save = [&](const std::string& location) { return SaveBeside(file, path, location); };
  const std::string bytes = save("external.bin");
  ExpectSameWeights(model.network, LoadOnnx(path).network);
  EXPECT_THAT(MessageOf([&] { ParseOnnx("m", bytes); }), HasSubstr("a text in memory has no folder"));
  for (const char* outside : {"/etc/passwd", "../external.bin", "a/../../x", ""}) {
    save(outside);
    EXPECT_THAT(MessageOf([&] { LoadOnnx(path); }), HasSubstr("is not a name below the model's folder"))
        << outside;
  }
  save("no-such-file");
  EXPECT_THAT(MessageOf([&] { LoadOnnx(path); }), HasSubstr("No such file"));
}

// A few bytes with many beside them ask for no more memory than both are worth.
TEST(Onnx, WeightsBesideTheFileAreWorthMemory) {
  const int64_t features = 2300;  // 21 MB; a file without weights is worth 17
  Model model{Network({features}), {std::vector<double>(features, 0), std::vector<double>(features, 1)}, {}};
  model.network.Add("fc", Linear({.features = features, .bias = false}));
  onnx::proto::ModelProto file;
  ASSERT_TRUE(file.ParseFromString(SerialiseOnnx(model)));
  const std::string path = testing::TempDir() + "beside.onnx";
  SaveBeside(file, path, "external.bin");
  EXPECT_EQ(LoadOnnx(path).network.nodes().size(), 1u);
  file.clear_metadata_props();
  SaveBeside(file, path, "external.bin");
  ExpectSameWeights(LoadOnnx(path).network, model.network);
}

}  // namespace
}  // namespace fovea
