#include "fovea/formats/model_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fovea/base/error.h"
#include "fovea/formats/network_json.h"
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
    for (std::size_t i = 0; i < model.network.parameters().size(); i++) {
      ASSERT_THAT(back.network.parameters()[i].value.values(),
                  testing::ElementsAreArray(model.network.parameters()[i].value.values()));
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
