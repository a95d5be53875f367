#include "fovea/base/base64.h"

#include <gtest/gtest.h>

#include "fovea/base/error.h"

namespace fovea {
namespace {

std::vector<uint8_t> Bytes(std::string_view text) { return {text.begin(), text.end()}; }

TEST(Base64, AgreesWithTheVectorsOfTheRfc) {
  const std::pair<const char*, const char*> vectors[] = {{"", ""},
                                                         {"f", "Zg=="},
                                                         {"fo", "Zm8="},
                                                         {"foo", "Zm9v"},
                                                         {"foob", "Zm9vYg=="},
                                                         {"fooba", "Zm9vYmE="},
                                                         {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, text] : vectors) {
    EXPECT_EQ(EncodeBase64(Bytes(plain)), text);
    EXPECT_EQ(DecodeBase64(text), Bytes(plain));
  }
  EXPECT_EQ(EncodeBase64(std::vector<uint8_t>{0xFB, 0xFF, 0xFE}), "+//+");
}

TEST(Base64, RefusesOtherCharacters) {
  EXPECT_THROW(DecodeBase64("Zm9v!"), FormatError);
  EXPECT_THROW(DecodeBase64("Zm 9v"), FormatError);
  EXPECT_EQ(DecodeBase64("Zg"), Bytes("f"));
}

}  // namespace
}  // namespace fovea
