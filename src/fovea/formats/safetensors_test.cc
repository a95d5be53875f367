#include "fovea/formats/safetensors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "fovea/base/error.h"
#include "fovea/base/message_of.h"
#include "fovea/formats/damage.h"

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
      {WithHeader(R"({"a":{"dtype":"F8_E4M3","shape":[1],"data_offsets":[0,1]}})", 1),
       "tensor \"a\": dtype \"F8_E4M3\" is not read"},
      {WithHeader(R"({"a":{"dtype":7,"shape":[1],"data_offsets":[0,2]}})", 2),
       "tensor \"a\": its dtype is not a text"},
      {WithHeader(R"({"half":{"dtype":"F16","shape":[2],"data_offsets":[0,2]}})", 2),
       "tensor \"half\": its values do not fill"},
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

// Values of -1.5 in every type that holds them.
TEST(Safetensors, ReadsNumbersOfEveryType) {
  const auto read = [](const std::string& type, const std::string& value) {
    const std::string header = "{\"a\":{\"dtype\":\"" + type + "\",\"shape\":[1],\"data_offsets\":[0," +
                               std::to_string(value.size()) + "]}}";
    return ParseTensorFile("x", WithHeader(header) + value).tensors.at("a")[0];
  };
  EXPECT_EQ(read("F32", std::string("\0\0\xc0\xbf", 4)), -1.5f);
  EXPECT_EQ(read("F64", std::string("\0\0\0\0\0\0\xf8\xbf", 8)), -1.5f);
  EXPECT_EQ(read("F16", std::string("\0\xbe", 2)), -1.5f);
  EXPECT_EQ(read("BF16", "\xc0\xbf"), -1.5f);
  EXPECT_EQ(read("I64", std::string("\xfe\xff\xff\xff\xff\xff\xff\xff", 8)), -2);
  EXPECT_EQ(read("U8", "\xfe"), 254);
  EXPECT_EQ(read("BOOL", "\1"), 1);
}

TEST(Safetensors, ReadsACounterOfNoAxes) {
  const TensorFile file = ParseTensorFile(
      "x", WithHeader(R"({"n.num_batches_tracked":{"dtype":"I64","shape":[],"data_offsets":[0,8]}})", 8));
  EXPECT_EQ(file.tensors.at("n.num_batches_tracked").shape(), Shape());
}

TEST(Safetensors, RefusesADtypeNestedDeeperThanTheStack) {
  const std::string nested = std::string(1 << 20, '[') + std::string(1 << 20, ']');
  EXPECT_THAT(MessageOf([&] {
                ParseTensorFile("file", WithHeader("{\"a\":{\"dtype\":" + nested +
                                                   R"(,"shape":[],"data_offsets":[0,0]}})"));
              }),
              testing::HasSubstr("dtype is not a text"));
}

// Any damage either still parses or is a FormatError: nothing else, no crash.
TEST(Safetensors, RefusesOrReadsWhateverIsDamaged) {
  const std::string good = SerialiseTensorFile(Example());
  const Damaged damaged = ReadDamaged(good, "file.safetensors: at offset ", [](const std::string& bytes) {
    ParseTensorFile("file.safetensors", bytes);
  });
  EXPECT_EQ(damaged.unnamed, "");
  EXPECT_GT(damaged.refused, static_cast<int>(good.size()));  // every cut and more
}

TEST(Safetensors, RefusesExtremesOfEachField) {
  const char* extremes[] = {
      "-1",    "0",    "3",  "4294967295", "9223372036854775807", "18446744073709551615",
      "1e300", "null", "[]", "\"1\""};
  int refused = 0, read = 0;
  for (const char* extent : extremes) {
    for (const char* begin : extremes) {
      for (const char* end : extremes) {
        const std::string header = std::string(R"({"a":{"dtype":"U8","shape":[)") + extent +
                                   R"(],"data_offsets":[)" + begin + "," + end + "]}}";
        const std::string message = MessageOf([&] { ParseTensorFile("file", WithHeader(header, 3)); });
        (message.empty() ? read : refused)++;
        if (!message.empty()) {
          EXPECT_THAT(message, testing::StartsWith("file: at offset ")) << header;
        }
      }
    }
  }
  EXPECT_EQ(read, 1);  // 3 values at 0 to 3
  EXPECT_EQ(refused, 999);
}

}  // namespace
}  // namespace fovea
