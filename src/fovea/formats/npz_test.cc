#include "fovea/formats/npz.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "fovea/base/message_of.h"
#include "fovea/formats/damage.h"
#include "fovea/formats/npy.h"
#include "fovea/formats/zip.h"

namespace fovea {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string Good() {
  return SerialiseZip({{"a.npy", SerialiseNpy(Tensor<float>({2, 3}, 1.5f))},
                       {"b.npy", SerialiseNpy(Tensor<float>({4}, -2))}});
}

std::string ErrorOf(const std::string& bytes) {
  return MessageOf([&] { ParseNpz("file.npz", bytes); });
}

// The sums of zip are held against each array; dates and attributes matter to nobody.
TEST(Npz, RefusesDamageAnywhere) {
  const Damaged damaged =
      ReadDamaged(Good(), "file.npz: ", [](const std::string& bytes) { ParseNpz("file.npz", bytes); });
  EXPECT_EQ(damaged.unnamed, "");
  EXPECT_GT(damaged.refused, 2000);
}

TEST(Npz, NamesTheArrayThatIsWrong) {
  EXPECT_THAT(ErrorOf("PK"), StartsWith("file.npz: not a zip archive"));
  EXPECT_THAT(ErrorOf(SerialiseZip({{"x.npy", "abc"}})),
              AllOf(StartsWith("file.npz: x.npy: at offset 0"), HasSubstr("not an .npy file")));
  std::string bytes = Good();
  bytes[bytes.find("\x93NUMPY") + 130]++;  // a value
  EXPECT_THAT(ErrorOf(bytes), AllOf(StartsWith("file.npz: a.npy: "), HasSubstr("CRC")));
}

TEST(Npz, AnEmptyArchiveHasNoArrays) { EXPECT_TRUE(ParseNpz("file.npz", SerialiseZip({})).empty()); }

}  // namespace
}  // namespace fovea
