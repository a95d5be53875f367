#include "fovea/formats/onnx/dialect.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fovea/base/file.h"
#include "fovea/formats/onnx/fold.h"
#include "fovea/layers/registry.h"

namespace fovea::onnx {
namespace {

std::string Table() {
  std::string table;
  for (const Operator& row : Dialect())
    table += fmt::format("| {} | {} | {} |\n", row.onnx, row.layer == nullptr ? "" : row.layer, row.note);
  return table;
}

// docs/onnx.md has the table that this test prints when it fails.
TEST(OnnxDialect, TheDocumentListsEveryOperator) {
  const std::string page = ReadFile(FOVEA_SOURCE_DIR "/docs/onnx.md", 1 << 20);
  EXPECT_THAT(page, testing::HasSubstr("|---|---|---|\n" + Table() + "\n")) << Table();
  for (const std::string& folded : FoldedOperators())
    EXPECT_THAT(page, testing::HasSubstr("`" + folded + "`"));
}

TEST(OnnxDialect, EveryLayerHasAnOperator) {
  std::vector<std::string> without;
  for (const std::string& type : LayerTypes()) {
    if (FindOperatorOfLayer(type) == nullptr) without.push_back(type);
  }
  EXPECT_THAT(without, testing::IsEmpty());
}

TEST(OnnxDialect, RowsNameHyperParametersThatLayersHave) {
  for (const Operator& row : Dialect()) {
    if (row.layer == nullptr) continue;
    const HyperList known = MakeLayer(row.layer)->HyperParameters();
    for (const AttributeRow& attribute : row.attributes) {
      const bool found =
          std::any_of(known.begin(), known.end(), [&](const Hyper& h) { return h.name == attribute.hyper; });
      EXPECT_TRUE(found) << row.onnx << " " << attribute.hyper;
    }
  }
}

}  // namespace
}  // namespace fovea::onnx
