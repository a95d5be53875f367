#include "fovea/formats/npy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "fovea/base/error.h"
#include "fovea/base/message_of.h"
#include "fovea/formats/damage.h"
#include "fovea/formats/half.h"
#include "fovea/formats/npz.h"

namespace fovea {
namespace {

Tensor<float> Example() {
  Tensor<float> array({2, 3});
  for (int64_t i = 0; i < 6; i++) array[i] = static_cast<float>(i) - 2.5f;
  return array;
}

std::string WithHeader(const std::string& header, const std::string& values) {
  std::string bytes("\x93NUMPY\1\0", 8);
  bytes += static_cast<char>(header.size());
  bytes += '\0';
  return bytes + header + values;
}

TEST(Npy, ComesBackAsItWas) {
  const std::string bytes = SerialiseNpy(Example());
  EXPECT_EQ(bytes.find('\n') % 64, 63U);  // the values start aligned
  const Tensor<float> back = ParseNpy("x", bytes);
  EXPECT_EQ(back.shape(), (Shape{2, 3}));
  EXPECT_THAT(back.values(), testing::ElementsAreArray(Example().values()));
}

TEST(Npy, ReadsNumbersOfEveryWidth) {
  const auto read = [](const char* type, const std::string& values) {
    return ParseNpy(
        "x", WithHeader(std::string("{'descr': '") + type + "', 'fortran_order': False, 'shape': (1,), }\n",
                        values))[0];
  };
  EXPECT_EQ(read("|u1", "\xff"), 255);
  EXPECT_EQ(read("|i1", "\xff"), -1);
  EXPECT_EQ(read("<i2", std::string("\x00\x80", 2)), -32768);
  EXPECT_EQ(read("<f2", std::string("\x00\xc2", 2)), -3);
  EXPECT_EQ(read("<f8", std::string("\0\0\0\0\0\0\xf8\x3f", 8)), 1.5f);
}

TEST(Half, IsExact) {
  EXPECT_EQ(HalfToFloat(0x0001), 0x1p-24f);  // the smallest
  EXPECT_EQ(HalfToFloat(0x7bff), 65504);     // the largest
  EXPECT_EQ(HalfToFloat(0xfc00), -INFINITY);
  EXPECT_TRUE(std::isnan(HalfToFloat(0x7e00)));
}

TEST(Npy, NamesWhatIsWrong) {
  const std::pair<std::string, const char*> cases[] = {
      {"abc", "not an .npy file"},
      {WithHeader("{'descr': '>f4', 'fortran_order': False, 'shape': (1,), }", "0000"),
       "dtype '>f4' is not read"},
      {WithHeader("{'descr': '<f4', 'fortran_order': True, 'shape': (1,), }", "0000"), "Fortran order"},
      {WithHeader("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", "0000"),
       "do not fill 2 values"},
      {WithHeader("{'descr': '<f4', 'fortran_order': False, 'shape': (-2,), }", "0000"), "negative extent"},
      {WithHeader("{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296), }", ""),
       "too large"},
      {WithHeader("{'descr': '<f4', 'shape': (1,), }", "0000"), "no 'fortran_order'"},
  };
  for (const auto& [bytes, reason] : cases) {
    EXPECT_THAT(MessageOf([&, text = bytes] { ParseNpy("file.npy", text); }),
                testing::AllOf(testing::HasSubstr(reason), testing::HasSubstr("file.npy: at offset")));
  }
}

TEST(Npy, RefusesOrReadsWhateverIsDamaged) {
  const std::string good = SerialiseNpy(Example());
  const Damaged damaged = ReadDamaged(good, "file.npy: at offset ",
                                      [](const std::string& bytes) { ParseNpy("file.npy", bytes); });
  EXPECT_EQ(damaged.unnamed, "");
  EXPECT_GT(damaged.refused, static_cast<int>(good.size()));  // every cut and more
}

TEST(Npy, RefusesExtremesOfEachField) {
  const char* extremes[] = {"-1",  "0", "7", "4294967295", "9223372036854775807", "9223372036854775808",
                            "1e9", "",  "'", "("};
  int refused = 0;
  for (const char* extent : extremes) {
    for (const char* other : {"1", "2", "9223372036854775807"}) {
      for (const char* type : {"<f4", "<f2", "<i8", "|u1", ">f4", "<c8", "O", ""}) {
        const std::string header = std::string("{'descr': '") + type +
                                   "', 'fortran_order': False, 'shape': (" + extent + ", " + other + "), }";
        const std::string message = MessageOf([&] { ParseNpy("file.npy", WithHeader(header, "0000000")); });
        refused += message.empty() ? 0 : 1;
        if (!message.empty()) {
          EXPECT_THAT(message, testing::StartsWith("file.npy: at offset ")) << header;
        }
      }
    }
  }
  EXPECT_EQ(refused, 239);  // of 240: 7 numbers of a byte are an array
}

TEST(Npy, AnotherEndingIsNoFileOfArrays) {
  NamedArrays arrays;
  arrays.emplace_back("a", Example());
  const auto refused =
      testing::AllOf(testing::HasSubstr("m.safetensors: "), testing::HasSubstr(".npy or .npz"));
  EXPECT_THAT(MessageOf([&] { WriteArrays("m.safetensors", arrays); }), refused);
  EXPECT_THAT(MessageOf([&] { ReadArrays("m.safetensors"); }), refused);
}

// Where libzip was missing this says so; where it was not, arrays come back by name.
TEST(Npz, ComesBackAsItWas) {
  const std::string path = testing::TempDir() + "arrays.npz";
  NamedArrays arrays;
  arrays.emplace_back("a", Example());
  arrays.emplace_back("b", Tensor<float>({4}, 7));
  try {
    WriteArrays(path, arrays);
  } catch (const ArgumentError& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("libzip-dev"));
    return;
  }
  const NamedArrays back = ReadArrays(path);
  ASSERT_EQ(back.size(), 2U);
  EXPECT_EQ(back[0].first, "a");
  EXPECT_EQ(back[1].second.shape(), (Shape{4}));
  EXPECT_THAT(back[0].second.values(), testing::ElementsAreArray(Example().values()));
}

}  // namespace
}  // namespace fovea
