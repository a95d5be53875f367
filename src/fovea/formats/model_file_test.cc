#include "fovea/formats/model_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <limits>

#include "fovea/base/error.h"
#include "fovea/base/message_of.h"
#include "fovea/base/random.h"
#include "fovea/formats/network_json.h"
#include "fovea/layers/global_avg_pool.h"
#include "fovea/network/architectures.h"

namespace fovea {
namespace {

Model Example(const std::string& name) {
  Model model{BuildNetwork(name, {3, 32, 32}, 4), {{0.1, 0.2, 0.3}, {0.4, 0.5, 0.6}}, {"a", "b", "c", "d"}};
  model.network.Initialise(3);
  return model;
}

TEST(ModelFile, EveryNetworkComesBackAsItWas) {
  for (const std::string& name : NetworkNames()) {
    const Model model = Example(name);
    const std::string path = testing::TempDir() + name + ".safetensors";
    SaveModel(path, model);
    const Model back = LoadModel(path);
    EXPECT_TRUE(SameGraph(model.network, back.network)) << name;
    EXPECT_EQ(back.preprocessing.deviation, model.preprocessing.deviation);
    EXPECT_EQ(back.classes, model.classes);
    EXPECT_EQ(back.conventions.micro_shard, kMicroShard);
    for (std::size_t i = 0; i < model.network.parameters().size(); i++) {
      ASSERT_TRUE(std::ranges::equal(back.network.parameters()[i].value.values(),
                                     model.network.parameters()[i].value.values()));
    }
    EXPECT_EQ(SerialiseTensorFile(ModelToFile(back)), SerialiseTensorFile(ModelToFile(model)));
  }
}

TEST(ModelFile, RefusesWhatIsNotAModelOfThisFormat) {
  TensorFile file = ModelToFile(Example("lenet5"));
  file.metadata["fovea.format"] = "99";
  EXPECT_THAT([&] { ModelFromFile("m", file); },
              testing::ThrowsMessage<FormatError>(testing::HasSubstr("model format \"99\"")));
  file = ModelToFile(Example("lenet5"));
  file.tensors.erase("fc1.weight");
  EXPECT_THAT([&] { ModelFromFile("m", file); },
              testing::ThrowsMessage<FormatError>(testing::HasSubstr("fc1.weight")));
  file = ModelToFile(Example("lenet5"));
  file.tensors["fc1.bias"] = Tensor<float>({3});
  EXPECT_THAT([&] { ModelFromFile("m", file); },
              testing::ThrowsMessage<FormatError>(testing::HasSubstr("needs 120")));
  EXPECT_THROW(ModelFromFile("m", TensorFile{}), FormatError);
}

TEST(ModelFile, CarriesTheHeadsOfADetector) {
  Model model = Example("lenet5");
  model.heads.push_back({.type = "yolo",
                         .shape = {14, 2, 3},
                         .offset = 7,
                         .classes = 2,
                         .scale_x_y = 1.05,
                         .new_coords = true,
                         .anchors = {1, 2, 0.1, 5, 6, 7},
                         .mask = {2, 0}});
  EXPECT_THAT(MessageOf([&] { ModelToFile(model); }),
              testing::HasSubstr("4 names of classes for 2 classes of the heads"));
  model.classes = {"cat", "dog"};
  const TensorFile file = ModelToFile(model);
  const DetectionHead head = ModelFromFile("m", file).heads.at(0);
  EXPECT_EQ(head.type, "yolo");
  EXPECT_EQ(head.shape, Shape({14, 2, 3}));
  EXPECT_EQ(head.offset, 7);
  EXPECT_EQ(head.classes, 2);
  EXPECT_EQ(head.scale_x_y, 1.05);
  EXPECT_TRUE(head.new_coords);
  EXPECT_EQ(head.anchors, model.heads[0].anchors);
  EXPECT_EQ(head.mask, model.heads[0].mask);
  EXPECT_EQ(ModelFromFile("m", file).classes, model.classes);
}

TEST(ModelFile, RefusesHeadsThatDoNotFitTogether) {
  Model model = Example("lenet5");
  model.classes.clear();
  const DetectionHead good{
      .type = "yolo", .shape = {14, 2, 3}, .classes = 2, .anchors = {1, 2, 3, 4}, .mask = {0, 1}};
  const auto message = [&](const std::function<void(DetectionHead&)>& spoil) {
    model.heads = {good};
    spoil(model.heads[0]);
    const TensorFile file = ModelToFile(model);
    return MessageOf([&] { ModelFromFile("m", file); });
  };
  EXPECT_EQ(message([](DetectionHead&) {}), "");
  constexpr int64_t kHuge = std::numeric_limits<int64_t>::max();
  for (const auto& spoil : std::vector<std::function<void(DetectionHead&)>>{
           [](DetectionHead& h) {
             h.shape = {14, 6};
           },
           [](DetectionHead& h) { h.offset = -1; }, [](DetectionHead& h) { h.classes = 0; },
           [](DetectionHead& h) { h.classes = kHuge; }, [](DetectionHead& h) { h.classes = 3; },
           [](DetectionHead& h) { h.mask = {0}; },
           [](DetectionHead& h) {
             h.mask = {0, -1};
           },
           [](DetectionHead& h) {
             h.mask = {0, 2};
           }}) {
    EXPECT_THAT(message(spoil), testing::HasSubstr("m: metadata: a [yolo] head of")) << message(spoil);
  }
}

TEST(ModelFile, CarriesExamplesOfItsNetwork) {
  Model model = Example("lenet5");
  model.examples.push_back({Tensor<float>({1, 3, 32, 32}, 0.25f), Tensor<float>({1, 4}, -3)});
  TensorFile file = ModelToFile(model);
  const Model back = ModelFromFile("m", file);
  ASSERT_EQ(back.examples.size(), 1u);
  EXPECT_THAT(back.examples[0].x.values(), testing::ElementsAreArray(model.examples[0].x.values()));
  EXPECT_THAT(back.examples[0].y.values(), testing::ElementsAreArray(model.examples[0].y.values()));
  const auto refused = [&](const char* examples, const char* why) {
    file.metadata["fovea.examples"] = examples;
    EXPECT_THAT([&] { ModelFromFile("m", file); },
                testing::ThrowsMessage<FormatError>(testing::HasSubstr(why)));
  };
  refused(R"([{"x":"AAAA","y":"AAAA"}])", "m: metadata: an example of 3 bytes where 3072 floats");
  refused(R"([{"x":"!","y":""}])", "m: metadata");
  refused(R"([{"x":1}])", "m: metadata");
  refused("[7]", "m: metadata");
}

TEST(ModelFile, WritesNothingThatItWouldNotRead) {
  const auto refused = [](const char* why) {
    return testing::ThrowsMessage<ArgumentError>(testing::HasSubstr(why));
  };
  Model model = Example("lenet5");
  model.classes.pop_back();
  EXPECT_THAT([&] { ModelToFile(model); }, refused("3 names of classes for 4 outputs"));
  model.preprocessing.deviation[1] = 0;
  EXPECT_THAT([&] { ModelToFile(model); }, refused("not a finite number above 0"));
  model.preprocessing.mean[2] = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THAT([&] { ModelToFile(model); }, refused("mean of the preprocessing is not a finite number"));
  model.preprocessing.mean.clear();
  EXPECT_THAT([&] { ModelToFile(model); }, refused("each of 3 channels"));
}

// Damage anywhere in a model is either harmless or an Error: no crash, no allocation that the file does not
// pay for.
TEST(ModelFile, SurvivesDamage) {
  const std::string good = SerialiseTensorFile(ModelToFile(Example("lenet5")));
  const std::size_t header = good.find("fc3.weight") + 200;
  RandomStream random({8}, 0);
  int refused = 0;
  for (int i = 0; i < 600; i++) {
    std::string bytes = good;
    if (i % 6 == 0) {
      bytes.resize(random.Below(static_cast<uint32_t>(good.size())));
    } else {
      for (uint32_t flips = 1 + random.Below(3); flips > 0; flips--) {
        char& c = bytes[random.Below(static_cast<uint32_t>(header))];
        // Digits for digits keep most of the file readable: numbers are what does harm.
        c = c >= '0' && c <= '9' ? static_cast<char>('0' + random.Below(10))
                                 : static_cast<char>(c ^ (1 << random.Below(8)));
      }
    }
    try {
      ModelFromFile("m", ParseTensorFile("m", bytes));
    } catch (const Error& error) {
      refused++;
      EXPECT_THAT(error.what(), testing::HasSubstr("m"));
    }
  }
  EXPECT_GT(refused, 400);
}

TEST(ModelFile, AllocatesNoMoreThanTheFileHolds) {
  TensorFile file = ModelToFile(Example("lenet5"));
  std::string& network = file.metadata["fovea.network"];
  const std::size_t at = network.find("\"filters\":6");
  ASSERT_NE(at, std::string::npos);
  network.replace(at, 11, "\"filters\":600000000000");
  EXPECT_THAT([&] { ModelFromFile("m", file); },
              testing::ThrowsMessage<FormatError>(testing::HasSubstr("more parameters than")));
}

TEST(ModelFile, MeasuresAnExampleBeforeItAllocates) {
  Network network({1, 1 << 18, 1 << 18});
  network.Add("pool", GlobalAvgPool());
  TensorFile file = ModelToFile({std::move(network), {{0}, {1}}, {}});
  file.metadata["fovea.examples"] = R"([{"x":"AAAA","y":"AAAA"}])";
  EXPECT_THAT([&] { ModelFromFile("m", file); },
              testing::ThrowsMessage<FormatError>(testing::HasSubstr("3 bytes where 68719476736 floats")));
}

TEST(NetworkJson, NamesTheNodeThatIsWrong) {
  for (const char* bad :
       {"{}", "[]", "{\"input\":[3,8,8],\"nodes\":[{}]}", "{\"input\":[3,8,8],\"nodes\":[]}",
        "{\"input\":[0],\"nodes\":[]}",
        R"({"input":[3,8,8],"nodes":[{"name":"a","type":"relu","inputs":[5],"hyper":{}}]})",
        R"({"input":[3,8,8],"nodes":[{"name":"a","type":"rely","inputs":[0],"hyper":{}}]})"}) {
    EXPECT_THROW(NetworkFromJson("file", bad), FormatError) << bad;
  }
}

}  // namespace
}  // namespace fovea
