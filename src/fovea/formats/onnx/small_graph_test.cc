// Graphs of a few nodes: what has no meaning is refused, what is unusual is read as it is meant.
#include <fovea_onnx.pb.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <numeric>

#include "fovea/base/message_of.h"
#include "fovea/engine/program.h"
#include "fovea/formats/onnx/forms.h"
#include "fovea/formats/onnx/onnx.h"

namespace fovea::onnx {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Integers = std::vector<int64_t>;
using Attribute = std::pair<const char*, HyperValue>;

proto::TensorProto IntegerTensor(const Integers& dims, const Integers& values) {
  proto::TensorProto tensor;
  tensor.set_data_type(proto::TensorProto::INT64);
  for (const int64_t extent : dims) tensor.add_dims(extent);
  for (const int64_t v : values) tensor.add_int64_data(v);
  return tensor;
}

proto::TensorProto FloatTensor(const Integers& dims, const std::vector<float>& values) {
  proto::TensorProto tensor = IntegerTensor(dims, {});
  tensor.set_data_type(proto::TensorProto::FLOAT);
  for (const float v : values) tensor.add_float_data(v);
  return tensor;
}

// A file that makes "y" of images "x".
class SmallGraph {
 public:
  explicit SmallGraph(const Integers& image = {2, 4, 4}) {
    auto& x = *file_.mutable_graph()->add_input();
    x.set_name("x");
    auto& type = *x.mutable_type()->mutable_tensor_type();
    type.set_elem_type(proto::TensorProto::FLOAT);
    type.mutable_shape()->add_dim()->set_dim_param("N");
    for (const int64_t extent : image) type.mutable_shape()->add_dim()->set_dim_value(extent);
    file_.mutable_graph()->add_output()->set_name("y");
    file_.add_opset_import()->set_version(18);
  }
  // The file does not say how large images are.
  SmallGraph& Shapeless() {
    file_.mutable_graph()->mutable_input(0)->mutable_type()->mutable_tensor_type()->clear_shape();
    return *this;
  }
  SmallGraph& Constant(const char* name, proto::TensorProto tensor) {
    tensor.set_name(name);
    *file_.mutable_graph()->add_initializer() = std::move(tensor);
    return *this;
  }
  SmallGraph& Node(const char* onnx, const std::vector<const char*>& inputs, const char* output,
                   const std::vector<Attribute>& attributes = {}) {
    proto::NodeProto& node = *file_.mutable_graph()->add_node();
    node.set_op_type(onnx);
    for (const char* input : inputs) node.add_input(input);
    node.add_output(output);
    for (const auto& [name, value] : attributes) {
      if (const auto* list = std::get_if<Integers>(&value)) SetIntegers(name, *list, node);
      if (const auto* number = std::get_if<int64_t>(&value)) SetInteger(name, *number, node);
    }
    return *this;
  }
  SmallGraph& Branch(const char* name, const proto::GraphProto& graph) {
    auto& attribute = *file_.mutable_graph()->mutable_node()->rbegin()->add_attribute();
    attribute.set_name(name);
    attribute.set_type(proto::AttributeProto::GRAPH);
    *attribute.mutable_g() = graph;
    return *this;
  }
  // Further outputs of the last node.
  SmallGraph& Outputs(const std::vector<const char*>& names) {
    for (const char* name : names) file_.mutable_graph()->mutable_node()->rbegin()->add_output(name);
    return *this;
  }
  SmallGraph& EndAt(const char* name) {
    file_.mutable_graph()->mutable_output(0)->set_name(name);
    return *this;
  }
  SmallGraph& Opset(int64_t version) {
    file_.mutable_opset_import(0)->set_version(version);
    return *this;
  }
  Model Read(const Shape& input = {}) const {
    return ParseOnnx("f", file_.SerializeAsString(), {.input = input, .output = ""});
  }
  // y of an image that counts from 0.
  std::vector<float> Output() const {
    Model model = Read();
    Tensor<float> x(model.network.InputShape(1));
    for (int64_t i = 0; i < x.size(); i++) x[i] = static_cast<float>(i);
    Program program(model.network, {.threads = 1});
    const auto y = program.Forward(x);
    return {y.values().begin(), y.values().end()};
  }

 private:
  proto::ModelProto file_;
};

constexpr int64_t kFar = int64_t{1} << 62, kMany = int64_t{1} << 40;

TEST(Onnx, RefusesWhatHasNoMeaning) {
  const auto filled = [](const Integers& shape) {
    return SmallGraph()
        .Constant("shape", IntegerTensor({static_cast<int64_t>(shape.size())}, shape))
        .Node("ConstantOfShape", {"shape"}, "c");
  };
  const auto empty = [] {
    return SmallGraph().Constant("c", FloatTensor({kMany, 0}, {})).Constant("zero", IntegerTensor({1}, {0}));
  };
  const auto windows = [](const char* onnx, const Integers& kernel, const Attribute& attribute) {
    return SmallGraph()
        .Constant("w", FloatTensor({2, 1, 5, 5}, std::vector<float>(50, 1)))
        .Node(onnx, {"x", "w"}, "y", {{"group", int64_t{2}}, {"kernel_shape", kernel}, attribute});
  };
  const auto pooling = [](const Integers& kernel, const Attribute& attribute) {
    return SmallGraph().Node("MaxPool", {"x"}, "y", {{"kernel_shape", kernel}, attribute});
  };
  const std::pair<SmallGraph, const char*> cases[] = {
      {filled({-2, -3}).Node("Transpose", {"c"}, "t").Node("Add", {"x", "t"}, "y"), "its shape is [-2,-3]"},
      {filled({kMany, 0}).Node("Add", {"x", "c"}, "y"), "more memory than its file is worth"},
      {empty().Node("Slice", {"c", "zero", "zero"}, "t").Node("Add", {"x", "t"}, "y"), "more memory"},
      {empty().Node("Gather", {"c", "zero"}, "t", {{"axis", int64_t{1}}}).Node("Add", {"x", "t"}, "y"),
       "more memory"},
      {SmallGraph()
           .Constant("a", FloatTensor({0}, {}))
           .Constant("b", FloatTensor({1, 1}, {2}))
           .Node("Mul", {"a", "b"}, "t")
           .Node("Add", {"x", "t"}, "y"),
       "(Add): add: operand is [0]"},
      {SmallGraph()
           .Constant("s", IntegerTensor({2}, {1, 1}))
           .Node("GroupNormalization", {"x", "s", "s"}, "y", {{"num_groups", int64_t{2}}}),
       "its input 1 holds integers"},
      {SmallGraph()
           .Constant("axes", IntegerTensor({3}, {1, 2, 3}))
           .Constant("s", FloatTensor({3}, {1, 1, 1}))
           .Node("ReduceSum", {"x", "axes"}, "sum", {{"keepdims", int64_t{0}}})
           .Node("PRelu", {"sum", "s"}, "y"),
       "its constant of 1 axes has a batch"},
      {SmallGraph().Node("Softmax", {"x"}, "y", {{"axis", int64_t{1}}, {"axis", int64_t{2}}}),
       "attribute \"axis\" stands twice"},
      {SmallGraph()
           .Constant("to", IntegerTensor({4}, {1, 4, 4, 4}))
           .Node("GlobalAveragePool", {"x"}, "p")
           .Node("Slice", {"p", "zero", "one", "one"}, "c")
           .Constant("zero", IntegerTensor({1}, {0}))
           .Constant("one", IntegerTensor({1}, {1}))
           .Node("Expand", {"c", "to"}, "y"),
       "it repeats channels"},
      {SmallGraph().Constant("to", IntegerTensor({4}, {3, 1, 1, 1})).Node("Expand", {"x", "to"}, "y"),
       "it repeats the batch"},
      {SmallGraph()
           .Constant("a", FloatTensor({2, 3}, {1, 2, 3, 4, 5, 6}))
           .Constant("b", FloatTensor({2}, {1, 2}))
           .Node("Mul", {"a", "b"}, "c")
           .Node("Add", {"x", "c"}, "y"),
       "[2,3] and [2] do not go together"},
      {windows("Conv", {5, 5}, {"dilations", Integers{kFar, kFar}}), "(Conv): conv2d: dilation is"},
      {windows("ConvTranspose", {5, 5}, {"dilations", Integers{kFar, kFar}}),
       "conv_transpose2d: dilation is"},
      {pooling({5, 5}, {"dilations", Integers{kFar, kFar}}), "max_pool2d: dilation is"},
      {pooling({kFar, 1}, {"pads", Integers{kFar, 0, kFar, 0}}), "max_pool2d: kernel is"},
  };
  for (const auto& [graph, message] : cases)
    EXPECT_THAT(MessageOf([&graph = graph] { graph.Read(); }), HasSubstr(message));
}

TEST(Onnx, RefusesConstantsThatCannotBeComputed) {
  constexpr int64_t kLeast = std::numeric_limits<int64_t>::min();
  const auto of = [](const char* onnx, const Integers& dims, const Integers& numbers) {
    const auto count =
        static_cast<std::size_t>(std::accumulate(dims.begin(), dims.end(), int64_t{1}, std::multiplies<>()));
    return SmallGraph()
        .Constant("c", FloatTensor(dims, std::vector<float>(count, 1)))
        .Constant("n", IntegerTensor({static_cast<int64_t>(numbers.size())}, numbers))
        .Node(onnx, {"c", "n"}, "t")
        .Node("Add", {"x", "t"}, "y");
  };
  const auto range = [](int64_t start, int64_t limit, int64_t step) {
    return SmallGraph()
        .Constant("a", IntegerTensor({}, {start}))
        .Constant("b", IntegerTensor({}, {limit}))
        .Constant("c", IntegerTensor({}, {step}))
        .Node("Range", {"a", "b", "c"}, "t")
        .Node("Add", {"x", "t"}, "y");
  };
  const std::pair<SmallGraph, const char*> cases[] = {
      {of("Tile", {4, 4}, {1, -1}), "its repeats are [1,-1]"},
      {of("Tile", {4, 4}, {1}), "its repeats are [1]"},
      {of("Tile", {4, 4}, {kFar, kFar}), "(Tile): "},
      {of("Tile", {0, 4}, {kMany, 1}), "more memory"},
      {of("Tile", {1, 1, 4}, {kMany, 0, 1}), "more memory"},
      {of("Pad", {4, 4}, {0, 0, kMany, 0}), "more memory"},
      {of("Pad", {4, 4}, {kFar, kFar, kFar, kFar}), "(Pad): "},
      {of("Pad", {4, 4}, {0, 0, 0}), "its pads are not two for each axis"},
      {of("Pad", {4, 4}, {kLeast, 0, kLeast, 1}), "(Add): "},
      {of("Split", {4, 4}, {5}), "its parts [5] are not those of 4"},
      {of("Split", {4, 4}, {-1}), "its parts [-1] are not those of 4"},
      {of("Split", {4, 4}, {3}), "its parts [3] leave 1 of 4"},
      {of("Split", {4, 4}, {2, 2}), "it has 1 outputs for 2 parts"},
      {range(0, 4, 0), "from 0 to 4 by 0"},
      {range(0, kMany, 1), "more memory"},
      {range(kLeast, 0, 1), "(Range): from"},
      {of("Range", {}, {1}), "(Range): input 2 is missing"},
      {of("Max", {3}, {1}), "its inputs have different types"}};
  for (const auto& [graph, message] : cases)
    EXPECT_THAT(MessageOf([&graph = graph] { graph.Read(); }), HasSubstr(message));
}

TEST(Onnx, WhatExportersWriteIsRead) {
  const std::vector<float> x = SmallGraph().Node("Relu", {"x"}, "y").Output();  // of numbers from 0
  // Images are mirrored along the axis 2 by places from the last to the first, and turned back by a slice.
  const int64_t end = std::numeric_limits<int32_t>::max();
  EXPECT_EQ(SmallGraph()
                .Constant("back", IntegerTensor({4}, {3, 2, -3, 0}))
                .Constant("starts", IntegerTensor({2}, {0, -1}))
                .Constant("ends", IntegerTensor({2}, {end, -end}))
                .Constant("axes", IntegerTensor({2}, {0, 2}))
                .Constant("steps", IntegerTensor({2}, {1, -1}))
                .Node("Gather", {"x", "back"}, "t", {{"axis", int64_t{2}}})
                .Node("Slice", {"t", "starts", "ends", "axes", "steps"}, "y")
                .Output(),
            x);
  // One place takes its axis away; a list in no order is put together.
  const auto places = [](const std::vector<int64_t>& shape, const Integers& at) {
    return SmallGraph()
        .Constant("at", IntegerTensor(shape, at))
        .Node("Gather", {"x", "at"}, "y", {{"axis", int64_t{-1}}})
        .Output();
  };
  constexpr std::size_t width = 4;
  const std::vector<float> one = places({}, {-1}), three = places({3}, {0, 2, 0});
  ASSERT_EQ(one.size(), x.size() / width);
  ASSERT_EQ(three.size(), 3 * one.size());
  for (std::size_t row = 0; row < one.size(); row++) {
    EXPECT_EQ(one[row], x[row * width + width - 1]);
    EXPECT_EQ(three[row * 3], x[row * width]);
    EXPECT_EQ(three[row * 3 + 1], x[row * width + 2]);
    EXPECT_EQ(three[row * 3 + 2], x[row * width]);
  }
  // What a Pad puts around the map another cuts off.
  EXPECT_EQ(SmallGraph()
                .Constant("around", IntegerTensor({8}, {0, 1, 2, 0, 0, 0, 1, 3}))
                .Constant("off", IntegerTensor({8}, {0, -1, -2, 0, 0, 0, -1, -3}))
                .Node("Pad", {"x", "around"}, "t")
                .Node("Pad", {"t", "off"}, "y")
                .Output(),
            x);
  const auto norm = [](int64_t training) {
    return SmallGraph()
        .Constant("one", FloatTensor({2}, {1, 1}))
        .Constant("zero", FloatTensor({2}, {0, 0}))
        .Node("BatchNormalization", {"x", "one", "zero", "zero", "one"}, "y", {{"training_mode", training}});
  };
  EXPECT_EQ(norm(0).Read().network.nodes().size(), 1u);
  EXPECT_THAT(MessageOf([&] { norm(1).Read(); }), HasSubstr("written for training"));
}

// Outputs without names are none: before opset 14 those with names say that the norm trains.
TEST(Onnx, ABatchNormOfOutputsWithoutNamesPredicts) {
  const auto norm = [](const char* second) {
    SmallGraph graph = SmallGraph().Opset(9);
    for (const char* name : {"s", "b", "m", "v"}) graph.Constant(name, FloatTensor({2}, {1, 1}));
    return graph.Node("BatchNormalization", {"x", "s", "b", "m", "v"}, "y").Outputs({second, "", "", ""});
  };
  EXPECT_EQ(norm("").Read().network.nodes().size(), 1u);
  EXPECT_THAT(MessageOf([&] { norm("mean").Read(); }), HasSubstr("written for training"));
}

// A local response norm of two channels as PyTorch spells it, with these attributes of its pooling and these pads.
SmallGraph SpeltNorm(const std::vector<Attribute>& pooling, const Integers& pads) {
  return SmallGraph()
      .Constant("axis", IntegerTensor({1}, {1}))
      .Constant("pads", IntegerTensor({static_cast<int64_t>(pads.size())}, pads))
      .Constant("half", FloatTensor({}, {0.5f}))
      .Node("Mul", {"x", "x"}, "square")
      .Node("Unsqueeze", {"square", "axis"}, "five")
      .Node("Pad", {"five", "pads"}, "padded")
      .Node("AveragePool", {"padded"}, "means", pooling)
      .Node("Squeeze", {"means", "axis"}, "mean")
      .Node("Mul", {"half", "mean"}, "scaled")
      .Node("Add", {"scaled", "half"}, "sum")
      .Node("Pow", {"sum", "half"}, "power")
      .Node("Div", {"x", "power"}, "y");
}

TEST(Onnx, ALocalResponseNormIsOneOnlyWithItsOwnWindow) {
  const Integers three{3, 1, 1}, both{0, 0, 1, 0, 0, 0, 0, 1, 0, 0}, front{0, 0, 2, 0, 0, 0, 0, 0, 0, 0};
  const Model model = SpeltNorm({{"kernel_shape", three}}, both).Read();
  ASSERT_EQ(model.network.nodes().size(), 1u);
  EXPECT_EQ(ToString(*model.network.nodes()[0].layer),
            "local_response_norm(size=3, alpha=0.5, beta=0.5, bias=0.5)");
  constexpr auto kNoMap = "(Pad): needs a map (N, C, H, W), got 1x1x2x4x4";
  const std::pair<SmallGraph, const char*> others[] = {
      {SpeltNorm({{"kernel_shape", three}}, front), kNoMap},
      {SpeltNorm({{"kernel_shape", Integers{3, 3, 1}}}, both), kNoMap},
      {SpeltNorm({{"kernel_shape", Integers{kFar, 1, 1}}}, {0, 0, kFar, 0, 0, 0, 0, kFar, 0, 0}),
       "pad: padding is"},
      {SpeltNorm({{"kernel_shape", Integers{-1, 1, 1}}}, {0, 0, -1, 0, 0, 0, 0, -1, 0, 0}),
       "nothing is left of axis 2"},
      {SpeltNorm({{"kernel_shape", Integers{0, 1, 1}}}, Integers(10)), "AveragePool"},
      {SpeltNorm({}, both), kNoMap},
      {SpeltNorm({{"kernel_shape", three}, {"strides", Integers{1, 2, 1}}}, both), kNoMap},
      {SpeltNorm({{"kernel_shape", three}, {"pads", Integers{1, 0, 0, 1, 0, 0}}}, Integers(10)),
       "AveragePool"},
      {SpeltNorm({{"kernel_shape", three}}, {0, 0, 1, 0, 0, 1}), "pads are not two for each axis"}};
  for (const auto& [graph, message] : others)
    EXPECT_THAT(MessageOf([&graph = graph] { graph.Read(); }), HasSubstr(message));
}

// squeeze(2) as PyTorch has it where it does not know the extent: `extent` is what it is compared with.
SmallGraph OpenSqueeze(const Integers& image, int64_t extent, const char* in_else = "Identity") {
  const auto branch = [](const char* onnx, const std::vector<const char*>& inputs, const char* output) {
    proto::GraphProto graph;
    proto::NodeProto& node = *graph.add_node();
    node.set_op_type(onnx);
    for (const char* input : inputs) node.add_input(input);
    node.add_output(output);
    graph.add_output()->set_name(output);
    return graph;
  };
  return SmallGraph(image)
      .Constant("axis", IntegerTensor({}, {2}))
      .Constant("axes", IntegerTensor({1}, {2}))
      .Constant("one", IntegerTensor({}, {extent}))
      .Node("Shape", {"x"}, "shape")
      .Node("Gather", {"shape", "axis"}, "extent", {{"axis", int64_t{0}}})
      .Node("Equal", {"extent", "one"}, "is")
      .Node("If", {"is"}, "y")
      .Branch("then_branch", branch("Squeeze", {"x", "axes"}, "squeezed"))
      .Branch("else_branch", branch(in_else, {"x"}, "kept"));
}

TEST(Onnx, ASqueezeOfAnOpenExtentIsOneOfTheExtentThatThereIs) {
  const auto squeezed = [](const Integers& image) {
    return OpenSqueeze(image, 1).Node("Relu", {"y"}, "z").EndAt("z").Read().network.OutputShape(1);
  };
  EXPECT_EQ(squeezed({2, 1, 4}), Shape({1, 2, 1, 4}));  // a map of one dimension
  EXPECT_EQ(squeezed({2, 3, 4}), Shape({1, 2, 3, 4}));
  const std::pair<SmallGraph, const char*> others[] = {{OpenSqueeze({2, 1, 4}, 2), "If: 1 node"},
                                                       {OpenSqueeze({2, 1, 4}, 1, "Relu"), "If: 1 node"},
                                                       {SmallGraph().Node("If", {"x"}, "y"), "If: 1 node"},
                                                       {SmallGraph().Node("If", {}, "y"), "If: 1 node"}};
  for (const auto& [graph, message] : others)
    EXPECT_THAT(MessageOf([&graph = graph] { graph.Read(); }), HasSubstr(message));
}

TEST(Onnx, GraphsWithinGraphsEnd) {
  proto::GraphProto graph;
  for (int depth = 0; depth < 1000; depth++) {
    proto::GraphProto around;
    auto& attribute = *around.add_node()->add_attribute();
    attribute.mutable_g()->Swap(&graph);
    graph.Swap(&around);
  }
  EXPECT_THAT(MessageOf([&] { SmallGraph().Node("If", {"x"}, "y").Branch("then_branch", graph).Read(); }),
              HasSubstr("graphs within graphs"));
}

TEST(Onnx, TheSizeOfImagesMayBeLeftToTheReader) {
  const SmallGraph graph = SmallGraph().Shapeless().Node("Relu", {"x"}, "y");
  EXPECT_EQ(graph.Read({2, 3, 5}).network.InputShape(1), Shape({1, 2, 3, 5}));
  EXPECT_EQ(graph.Read({7}).network.InputShape(1), Shape({1, 7}));
  EXPECT_THAT(MessageOf([&] { graph.Read(); }), HasSubstr("leaves its size open; say it (--shape CxHxW"));
}

// A squeeze and excitation with its factors repeated beforehand: the product repeats them itself.
TEST(Onnx, WhatReadersSpreadIsNotRepeated) {
  const SmallGraph graph = SmallGraph()
                               .Node("GlobalAveragePool", {"x"}, "p")
                               .Node("Shape", {"x"}, "shape")
                               .Node("Expand", {"p", "shape"}, "all")
                               .Node("Mul", {"x", "all"}, "y");
  EXPECT_EQ(graph.Read().network.nodes().size(), 2u);
}

TEST(Onnx, EveryOperatorWithoutALayerIsListed) {
  const std::string message = MessageOf([] {
    SmallGraph()
        .Constant("pads", IntegerTensor({8}, {0, 0, 0, 0, 0, 0, -9, 0}))
        .Node("Pad", {"x", "pads"}, "t")
        .Node("Einsum", {"x"}, "u")
        .Node("Add", {"t", "u"}, "y")
        .Read();
  });
  EXPECT_THAT(message, HasSubstr("Einsum"));
}

TEST(Onnx, ConstantsThatAreJoinedKeepEveryAxis) {
  SmallGraph graph;
  graph.Constant("two", FloatTensor({1, 1}, {2}))
      .Constant("a", FloatTensor({4}, {1, 2, 3, 4}))
      .Constant("axis", IntegerTensor({1}, {0}))
      .Node("Mul", {"two", "a"}, "row")  // [1,4]
      .Node("Squeeze", {"row", "axis"}, "back")
      .Node("Mul", {"x", "back"}, "y");
  const std::vector<float> y = graph.Output();
  EXPECT_THAT(std::vector<float>(y.begin(), y.begin() + 5), ElementsAre(0, 4, 12, 24, 8));
}

// What is a layer norm with vectors is arithmetic with numbers.
TEST(Onnx, ANormOfNumbersIsReadAsWritten) {
  SmallGraph graph({1, 1, 2});
  graph.Constant("two", FloatTensor({}, {2}))
      .Constant("eps", FloatTensor({}, {0}))
      .Constant("shift", FloatTensor({}, {1}))
      .Node("ReduceMean", {"x"}, "mean", {{"axes", Integers{-1}}})
      .Node("Sub", {"x", "mean"}, "d")
      .Node("Pow", {"d", "two"}, "square")
      .Node("ReduceMean", {"square"}, "var", {{"axes", Integers{-1}}})
      .Node("Add", {"var", "eps"}, "safe")
      .Node("Sqrt", {"safe"}, "deviation")
      .Node("Div", {"d", "deviation"}, "n")
      .Node("Mul", {"n", "two"}, "scaled")
      .Node("Add", {"scaled", "shift"}, "y");
  EXPECT_THAT(graph.Output(), ElementsAre(-1, 3));
}

// (N,C,H) behind a reduction is no map of one dimension.
TEST(Onnx, ValuesOfThreeAxesAreReducedAndJoined) {
  SmallGraph means({2, 2, 2});
  means.Node("ReduceMean", {"x"}, "rows", {{"axes", Integers{3}}, {"keepdims", int64_t{0}}})
      .Node("ReduceMean", {"rows"}, "y", {{"axes", Integers{2}}, {"keepdims", int64_t{0}}});
  EXPECT_THAT(means.Output(), ElementsAre(1.5, 5.5));
  SmallGraph shifted({2, 2, 2});
  shifted.Constant("c", FloatTensor({2, 1}, {10, 20}))
      .Node("ReduceMean", {"x"}, "rows", {{"axes", Integers{3}}, {"keepdims", int64_t{0}}})
      .Node("Add", {"rows", "c"}, "y");
  EXPECT_THAT(shifted.Output(), ElementsAre(10.5, 12.5, 24.5, 26.5));
}

}  // namespace
}  // namespace fovea::onnx
