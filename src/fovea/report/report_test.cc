#include "fovea/report/report.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <cmath>
#include <filesystem>
#include <string_view>

#include "fovea/base/error.h"
#include "fovea/base/file.h"
#include "fovea/formats/model_file.h"
#include "fovea/network/architectures.h"
#include "fovea/report/numbers.h"

namespace fovea {
namespace {

using ::testing::HasSubstr;

// Why `page` is not well-formed, empty when it is: tags balance, attributes are quoted, every & begins an
// entity.
std::string XmlFault(std::string_view page) {
  std::vector<std::string> open;
  for (std::size_t i = 0; i < page.size(); ++i) {
    if (page[i] == '&') {
      const std::size_t end = page.find(';', i);
      const std::string_view name = page.substr(i + 1, end - i - 1);
      if (name != "amp" && name != "lt" && name != "gt" && name != "quot" && name != "#39") {
        return fmt::format("& at {}", i);
      }
    }
    if (page[i] != '<') continue;
    std::size_t end = i + 1;
    for (bool quoted = false; end < page.size() && (quoted || page[end] != '>'); ++end) {
      if (page[end] == '"') quoted = !quoted;
      if (page[end] == '<') return fmt::format("< inside the tag at {}", i);
    }
    if (end == page.size()) return fmt::format("the tag at {} does not end", i);
    const std::string_view tag = page.substr(i + 1, end - i - 1);
    const std::string name(tag.substr(0, tag.find_first_of(" /", 1)));
    if (tag.front() == '/') {
      if (open.empty() || "/" + open.back() != tag) return fmt::format("</{}> closes nothing at {}", tag, i);
      open.pop_back();
    } else if (tag.front() != '!' && tag.back() != '/') {
      open.push_back(name);
    }
    i = end;
  }
  return open.empty() ? "" : open.back() + " is left open";
}

class WriteReportTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ =
        (std::filesystem::temp_directory_path() /
         (std::string("fovea_report_") + ::testing::UnitTest::GetInstance()->current_test_info()->name()))
            .string();
    std::filesystem::remove_all(folder_);
    CreateFolders(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void Write(const std::string& name, const std::string& text) {
    WriteFileAtomic(folder_ + "/" + name, text);
  }

  std::string Page() {
    WriteReport(folder_);
    const std::string page = ReadFile(folder_ + "/report.html", 1 << 26);
    EXPECT_EQ(XmlFault(page), "");
    EXPECT_EQ(page.find("<script"), page.npos);
    EXPECT_EQ(page.find("src=\"http"), page.npos);
    EXPECT_EQ(page.find("<link"), page.npos);
    EXPECT_EQ(page.find(" nan"), page.npos);
    return page;
  }

  void WriteFinishedRun() {
    Write("config.toml",
          "data = \"glyphs\"\nnetwork = \"resnet20\"\nepochs = 3\nbatch = 128\nlr = 0.1\nseed = 7\n");
    Write("metrics.csv",
          "epoch,step,seconds,train_loss,train_acc,val_loss,val_acc,lr,images_per_second\n"
          "1,100,20,1.5,0.51,1.2,0.62,0.1,251\n2,200,41,0.7,0.78,0.6,0.8125,0.05,262\n"
          "3,300,83,0.4321,0.88,0.5,0.8,0.001,259\n");
    Write("result.json",
          R"({"test_correct": 3952, "test_total": 4000, "test_top1": 0.988, "weights": "best"})");
    Write("evaluation.json",
          R"({"classes": ["zero", "one", "two"], "confusion": [[97, 2, 1], [0, 100, 0], [7, 0, 93]],
      "samples": [{"pixels": [1, 2, 3], "shape": [3, 1, 1], "label": 0, "prediction": 0, "probability": 0.91},
                  {"pixels": [9, 8, 7], "shape": [3, 1, 1], "label": 2, "prediction": 0, "probability": 0.634}]})");
  }

  std::string folder_;
};

TEST(XmlFault, FindsFaults) {
  EXPECT_EQ(XmlFault("<a b=\"1\"><c/>&lt;</a>"), "");
  EXPECT_NE(XmlFault("<a><b></a></b>"), "");
  EXPECT_NE(XmlFault("<a>"), "");
  EXPECT_NE(XmlFault("<a>&nope</a>"), "");
  EXPECT_NE(XmlFault("<a b=\"<\"/>"), "");
}

TEST_F(WriteReportTest, ShowsTheNumbersOfTheFiles) {
  WriteFinishedRun();
  const std::string page = Page();
  EXPECT_THAT(page, HasSubstr("resnet20 on glyphs"));
  EXPECT_THAT(page, HasSubstr("98.80\xC2\xA0%"));
  EXPECT_THAT(page, HasSubstr("3,952 / 4,000"));
  EXPECT_THAT(page, HasSubstr("between 98.41\xC2\xA0% and 99.09\xC2\xA0%"));  // Wilson, by hand
  EXPECT_THAT(page, HasSubstr("1\xC2\xA0min 23\xC2\xA0s"));
  EXPECT_THAT(page, HasSubstr("<dd>259</dd>"));  // the median rate
  EXPECT_THAT(page, HasSubstr("0.4321"));
  EXPECT_THAT(page, HasSubstr("81.25\xC2\xA0%"));
  EXPECT_THAT(page, HasSubstr("Finished after 3 epochs."));
  EXPECT_THAT(page, HasSubstr("‘two’ was taken for ‘zero’ 7 times of 100 (7.0\xC2\xA0%)."));
  EXPECT_THAT(page, HasSubstr("✗ zero"));
  EXPECT_THAT(page, HasSubstr("63.4\xC2\xA0%"));
  EXPECT_THAT(page, HasSubstr("fovea train --resume " + folder_));
  EXPECT_LT(page.find("✗ zero"), page.find("✓ zero"));  // mistakes lead
}

TEST_F(WriteReportTest, ShowsTheModel) {
  Model model{BuildNetwork("lenet5", {3, 32, 32}, 3), {{0, 0, 0}, {1, 1, 1}}, {"zero", "one", "two"}};
  model.network.Initialise(1);
  SaveModel(folder_ + "/last.safetensors", model);
  EXPECT_THAT(Page(), HasSubstr("filter 6 of conv1.weight"));
  model.network.MutableParameter(0)[0] = NAN;
  SaveModel(folder_ + "/best.safetensors", model);
  const std::string page = Page();
  EXPECT_THAT(page, HasSubstr("filter 1 of conv1.weight"));
  EXPECT_THAT(page, HasSubstr(Grouped(model.network.ParameterCount())));
  Write("best.safetensors", "broken");
  EXPECT_THROW(WriteReport(folder_), FormatError);
}

TEST_F(WriteReportTest, CopesWithRunsThatAreNotFinished) {
  EXPECT_THAT(Page(), HasSubstr("No epoch has finished yet."));
  Write("metrics.csv", "epoch,step,seconds,train_loss,train_acc,val_loss,val_acc,lr,images_per_second\n");
  EXPECT_THAT(Page(), HasSubstr("No epoch has finished yet."));
  Write("config.toml", "network = \"lenet5\"\ndata = \"glyphs\"\nepochs = 4\n");
  Write("metrics.csv", "epoch,train_loss,train_acc,val_loss,val_acc\n1,1.5,0.5,1.4,0.55\n");
  const std::string page = Page();
  EXPECT_THAT(page, HasSubstr("Stopped after 1 of 4 epochs."));
  EXPECT_THAT(page, HasSubstr("there is no test result yet"));
  EXPECT_THAT(page, HasSubstr("55.00\xC2\xA0%"));
}

TEST_F(WriteReportTest, CopesWithNoValidation) {
  Write("metrics.csv", "epoch,train_loss,train_acc,val_loss,val_acc\n1,1.5,0.5,,\n2,1.0,0.6,,\n");
  EXPECT_THAT(Page(), HasSubstr("neither a test nor a validation accuracy"));
}

TEST_F(WriteReportTest, MarksWhatIsNotFinite) {
  Write("metrics.csv",
        "epoch,train_loss,train_acc,val_loss,val_acc,lr\n1,1.5,0.5,1.4,0.5,0.1\n2,NaN,0.1,inf,0.1,0.1\n");
  const std::string page = Page();
  EXPECT_THAT(page, HasSubstr("Diverged in epoch 2."));
  EXPECT_THAT(page, HasSubstr("2 values are not a finite number"));
  EXPECT_THAT(page, HasSubstr("class=\"cross s0\""));
}

TEST_F(WriteReportTest, TakesNumbersOfAnySize) {
  Write("config.toml", "epochs = 9223372036854775807\nlr = 1e300\n");
  Write("metrics.csv",
        "epoch,seconds,train_loss,train_acc,val_loss,val_acc,lr,images_per_second\n"
        "-1e308,1e308,1.7e308,-1e308,-1.7e308,1e308,1e-308,1e308\n1e308,nan,1e-320,7,1e-300,-3,1e200,1e19\n"
        "inf,-inf,-1e200,1e200,1e200,1e200,-1e200,9e18\n");
  EXPECT_THAT(Page(), HasSubstr("not a finite number"));
}

TEST_F(WriteReportTest, EscapesNames) {
  WriteFinishedRun();
  Write("evaluation.json",
        R"({"classes": ["<script>alert(1)</script>", "a & 'b' \"c\""], "confusion": [[1, 1], [0, 1]],
      "samples": [{"pixels": [0], "shape": [1, 1, 1], "label": 1, "prediction": 0, "probability": 1}]})");
  Write("config.toml", "network = \"<i>\"\ndata = \"images:/tmp/it's here\"\n");
  const std::string page = Page();
  EXPECT_THAT(page, HasSubstr("&lt;script&gt;alert(1)&lt;/script&gt;"));
  EXPECT_THAT(page, HasSubstr("a &amp; &#39;b&#39; &quot;c&quot;"));
  // For the shell: 'images:/tmp/it'\''s here'
  EXPECT_THAT(page, HasSubstr("--data &#39;images:/tmp/it&#39;\\&#39;&#39;s here&#39;"));
}

TEST_F(WriteReportTest, CopesWithOneClassAndWithAThousand) {
  Write("evaluation.json", R"({"classes": ["only"], "confusion": [[5]]})");
  EXPECT_THAT(Page(), HasSubstr("every image was named correctly"));
  std::string classes, rows;
  for (int t = 0; t < 1000; ++t) {
    classes += fmt::format("{}\"class {}\"", t ? "," : "", t);
    rows += t ? ",[" : "[";
    for (int p = 0; p < 1000; ++p)
      rows += fmt::format("{}{}", p ? "," : "", t == p ? 50 - t % 50 : p == 3 ? t % 50 : 0);
    rows += "]";
  }
  Write("evaluation.json", fmt::format(R"({{"classes": [{}], "confusion": [{}]}})", classes, rows));
  const std::string page = Page();
  EXPECT_THAT(page, HasSubstr("A matrix of 1,000 classes would be too fine to read"));
  EXPECT_THAT(page, HasSubstr("‘class 49’ was taken for ‘class 3’ 49 times of 50"));
  EXPECT_THAT(page, HasSubstr("The 10 weakest classes"));
  EXPECT_LT(page.size(), 100000u);
}

TEST_F(WriteReportTest, KeepsTheOldReportWhenAFileIsBroken) {
  Write("report.html", "old");
  Write("result.json", "{");
  EXPECT_THROW(WriteReport(folder_), FormatError);
  EXPECT_EQ(ReadFile(folder_ + "/report.html", 100), "old");
  EXPECT_THROW(WriteReport(folder_ + "/absent"), IoError);
}

}  // namespace
}  // namespace fovea
