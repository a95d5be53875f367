#include "fovea/formats/safetensors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "fovea/base/error.h"
#include "fovea/base/random.h"

namespace fovea {
namespace {

TensorFile Example() {
  TensorFile file;
  file.metadata["name"] = "an \"example\"";
  file.tensors.emplace("b", Tensor<float>({2, 3}, 1.5f));
  file.tensors.emplace("a", Tensor<float>({4}, -2.0f));
  file.tensors.emplace("empty", Tensor<float>({0, 7}));
  return file;
}

std::string WithHeader(const std::string& header, std::size_t data = 0) {
  const uint64_t length = header.size();
  std::string bytes(8, '\0');
  std::memcpy(bytes.data(), &length, 8);
  return bytes + header + std::string(data, '\0');
}

TEST(Safetensors, ComesBackAsItWas) {
  const TensorFile back = ParseTensorFile("x", SerialiseTensorFile(Example()));
  EXPECT_EQ(back.metadata, Example().metadata);
  EXPECT_EQ(back.tensors.at("b").shape(), (Shape{2, 3}));
  EXPECT_EQ(back.tensors.at("a")[3], -2);
  EXPECT_EQ(SerialiseTensorFile(back), SerialiseTensorFile(Example()));
}

TEST(Safetensors, NamesWhatIsWrong) {
  const std::pair<std::string, const char*> cases[] = {
      {"abc", "too few"},
      {std::string("\xff\xff\xff\xff\xff\xff\xff\xff", 8), "the header claims"},
      {WithHeader("[1]"), "not a JSON object"},
      {WithHeader("{\"a\":"), "not JSON"},
      {WithHeader(R"({"a":{"dtype":"F16","shape":[1],"data_offsets":[0,2]}})", 2), "F32"},
      {WithHeader(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}})", 4), "do not fill"},
      {WithHeader(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})", 0), "outside the file"},
      {WithHeader(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})", 8), "no tensor"},
      {WithHeader(R"({"a":{"dtype":"F32","shape":[1099511627776,1099511627776],"data_offsets":[0,4]}})", 4),
       "large"},
      {WithHeader(R"({"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}})", 4), "extent"},
      {WithHeader(
           R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})",
           4),
       "overlaps"},
      {WithHeader(R"({"__metadata__":{"k":1}})"), "not a text"},
  };
  for (const auto& [bytes, reason] : cases) {
    try {
      ParseTensorFile("file.safetensors", bytes);
      ADD_FAILURE() << reason;
    } catch (const FormatError& error) {
      EXPECT_THAT(error.what(),
                  testing::AllOf(testing::HasSubstr(reason), testing::HasSubstr("file.safetensors")));
    }
  }
}

// Any damage either still parses or is a FormatError: nothing else, no crash.
TEST(Safetensors, SurvivesEveryTruncationAndRandomDamage) {
  const std::string good = SerialiseTensorFile(Example());
  RandomStream random({6}, 0);
  int refused = 0;
  const auto attempt = [&](const std::string& bytes) {
    try {
      ParseTensorFile("x", bytes);
    } catch (const FormatError&) {
      refused++;
    }
  };
  for (std::size_t i = 0; i < good.size(); i++) attempt(good.substr(0, i));
  EXPECT_EQ(refused, static_cast<int>(good.size()));
  for (int i = 0; i < 2000; i++) {
    std::string bytes = good;
    for (uint32_t flips = 1 + random.Below(4); flips > 0; flips--) {
      bytes[random.Below(static_cast<uint32_t>(bytes.size()))] = static_cast<char>(random.Next());
    }
    attempt(bytes);
  }
}

}  // namespace
}  // namespace fovea
