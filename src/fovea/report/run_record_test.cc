#include "fovea/report/run_record.h"

#include <gmock/gmock.h>

#include <cmath>
#include <filesystem>

#include "fovea/base/error.h"
#include "fovea/base/file.h"

namespace fovea {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

class ReadRunRecordTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ =
        (std::filesystem::temp_directory_path() /
         (std::string("fovea_run_record_") + ::testing::UnitTest::GetInstance()->current_test_info()->name()))
            .string();
    std::filesystem::remove_all(folder_);
    CreateFolders(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void Write(const std::string& name, const std::string& text) {
    WriteFileAtomic(folder_ + "/" + name, text);
  }
  std::string ErrorOf() {
    try {
      ReadRunRecord(folder_);
    } catch (const FormatError& error) {
      return error.what();
    }
    return "no error";
  }

  std::string folder_;
};

TEST_F(ReadRunRecordTest, TakesAnEmptyFolder) {
  const RunRecord run = ReadRunRecord(folder_);
  EXPECT_TRUE(run.metrics.empty());
  EXPECT_FALSE(run.evaluation.has_value());
  EXPECT_FALSE(run.ResultCount("test_total").has_value());
  EXPECT_THROW(ReadRunRecord(folder_ + "/absent"), IoError);
}

TEST_F(ReadRunRecordTest, ReadsMetricsByName) {
  Write("metrics.csv", "lr,unknown,epoch,train_loss,val_loss\n0.1,7,1,2.5,\n0.05,7,2,nan,1.5\n0.01,7,3,0.");
  const RunRecord run = ReadRunRecord(folder_);
  ASSERT_EQ(run.metrics.size(), 2u);  // the third line was cut off
  EXPECT_EQ(run.metrics[0].lr, 0.1);
  EXPECT_EQ(run.metrics[0].train_loss, 2.5);
  EXPECT_FALSE(run.metrics[0].val_loss.has_value());
  EXPECT_TRUE(std::isnan(*run.metrics[1].train_loss));
  EXPECT_FALSE(run.metrics[1].seconds.has_value());
}

TEST_F(ReadRunRecordTest, ReadsConfigAndResultByKey) {
  Write("config.toml", "network = \"resnet20\"\nepochs = 3\n[optimizer]\nlr = 0.1\n");
  Write("result.json", R"({"test_correct": 7, "test_total": 10, "test_top1": 0.7, "weights": "best"})");
  const RunRecord run = ReadRunRecord(folder_);
  EXPECT_THAT(run.config,
              ElementsAre(Pair("network", "resnet20"), Pair("epochs", "3"), Pair("optimizer.lr", "0.1")));
  EXPECT_EQ(run.Config("lr"), "0.1");
  EXPECT_EQ(run.Config("absent"), "");
  EXPECT_EQ(run.ResultCount("test_correct"), 7);
  EXPECT_FALSE(run.ResultCount("test_top1").has_value());
  EXPECT_EQ(run.Result("weights"), "best");
}

TEST_F(ReadRunRecordTest, ReadsPixelsAsNumbersOrBase64) {
  Write("evaluation.json", R"({"classes": ["a", "b"], "confusion": [[3, 1], [0, 4]], "samples": [
    {"pixels": [1, 2], "shape": [1, 1, 2], "label": 0, "prediction": 1, "probability": 0.5},
    {"pixels": "AQL/", "shape": [3, 1, 1], "label": 1, "prediction": 1, "probability": null}]})");
  const EvaluationRecord evaluation = *ReadRunRecord(folder_).evaluation;
  EXPECT_THAT(evaluation.confusion, ElementsAre(ElementsAre(3, 1), ElementsAre(0, 4)));
  ASSERT_EQ(evaluation.samples.size(), 2u);
  EXPECT_THAT(evaluation.samples[0].image.pixels, ElementsAre(1, 2));
  EXPECT_THAT(evaluation.samples[1].image.pixels, ElementsAre(1, 2, 255));
  EXPECT_TRUE(std::isnan(evaluation.samples[1].probability));
}

TEST_F(ReadRunRecordTest, NamesTheFileAndThePlace) {
  Write("metrics.csv", "epoch,train_loss\n1,2\n2,high\n");
  EXPECT_THAT(ErrorOf(), HasSubstr("metrics.csv line 3: 'high' is not a number"));
  Write("metrics.csv", "epoch,train_loss\n1,2,3\n");
  EXPECT_THAT(ErrorOf(), HasSubstr("metrics.csv line 2: 3 cells; the header names 2"));
  std::filesystem::remove(folder_ + "/metrics.csv");
  Write("config.toml", "a = 1\nb = = 2\n");
  EXPECT_THAT(ErrorOf(), HasSubstr("config.toml line 2"));
  std::filesystem::remove(folder_ + "/config.toml");
  Write("result.json", "{\"a\": ");
  EXPECT_THAT(ErrorOf(), HasSubstr("result.json"));
  Write("result.json", "{\"a [[\\\"[\": " + std::string(1000000, '['));
  EXPECT_THAT(ErrorOf(), HasSubstr("result.json byte 43: nested deeper than 32"));
  std::filesystem::remove(folder_ + "/result.json");
  Write("evaluation.json", R"({"classes": ["a", "b"], "confusion": [[3, 1]]})");
  EXPECT_THAT(ErrorOf(), HasSubstr("'confusion' must be 2 by 2"));
  const std::string begin =
      R"({"classes": ["a"], "samples": [{"pixels": [1], "prediction": 0, "probability": 1, )";
  Write("evaluation.json", begin + R"("shape": [1, 1, 2], "label": 0}]})");
  EXPECT_THAT(ErrorOf(), HasSubstr("sample 0: 1 pixels; the shape needs 2"));
  Write("evaluation.json", R"({"classes": ["a"], "confusion": [[-3]]})");
  EXPECT_THAT(ErrorOf(), HasSubstr("-3 is no count of images"));
  Write("evaluation.json", begin + R"("shape": [1, 1, 1], "label": 1}]})");
  EXPECT_THAT(ErrorOf(), HasSubstr("sample 0: 'label' is 1; there are 1 classes"));
  Write("evaluation.json", begin + R"("shape": [4611686018427387904, 4, 4], "label": 0}]})");
  EXPECT_THAT(ErrorOf(), HasSubstr("evaluation.json"));
}

}  // namespace
}  // namespace fovea
