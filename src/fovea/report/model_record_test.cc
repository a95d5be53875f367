#include "fovea/report/model_record.h"

#include <gtest/gtest.h>

#include "fovea/network/architectures.h"

namespace fovea {
namespace {

Model ModelOf(const std::string& network, const Shape& input) {
  Model model{BuildNetwork(network, input, 10), {{0, 0, 0}, {1, 1, 1}}, std::vector<std::string>(10, "a")};
  model.network.Initialise(1);
  return model;
}

TEST(RecordModel, CountsAsTheNetworkDoes) {
  const Model model = ModelOf("lenet5", {3, 32, 32});
  const ModelRecord record = RecordModel(model);
  EXPECT_EQ(record.parameters, model.network.ParameterCount());
  EXPECT_EQ(record.input, "3x32x32");
  ASSERT_EQ(record.layers.size(), model.network.nodes().size());
  EXPECT_EQ(record.layers[0].name, "conv1");
  EXPECT_EQ(record.layers[0].output, "6x32x32");
  EXPECT_EQ(record.layers[0].parameters, 6 * 3 * 5 * 5 + 6);
  EXPECT_EQ(record.layers.back().output, "10");
}

TEST(RecordModel, ShowsTheFirstFilters) {
  const Model model = ModelOf("lenet5", {3, 32, 32});
  const ModelRecord record = RecordModel(model);
  EXPECT_EQ(record.first_layer, "conv1.weight");
  ASSERT_EQ(record.filters.size(), 6u);
  EXPECT_EQ(record.filters[5].channels, 3);
  EXPECT_EQ(record.filters[5].width, 5);
  EXPECT_NE(record.filters[0].pixels, record.filters[5].pixels);
}

TEST(RecordModel, TakesANetworkWithoutAConvolution) {
  const ModelRecord record = RecordModel({Network({3, 1, 1}), {}, {}});
  EXPECT_TRUE(record.first_layer.empty());
  EXPECT_TRUE(record.filters.empty());
  EXPECT_EQ(record.parameters, 0);
}

}  // namespace
}  // namespace fovea
