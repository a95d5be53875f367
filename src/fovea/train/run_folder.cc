#include "fovea/train/run_folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <system_error>

#include "fovea/base/base64.h"
#include "fovea/base/error.h"
#include "fovea/base/file.h"

namespace fovea {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;
constexpr const char* kHeader =
    "epoch,step,seconds,train_loss,train_acc,val_loss,val_acc,lr,images_per_second,data_wait\n";
constexpr int64_t kMaxMetrics = 64 << 20;

// Half of the samples are mistakes, the most confident first: they say the most.
std::vector<SampleResult> ChooseSamples(const std::vector<SampleResult>& all) {
  constexpr std::size_t kSamples = 24;
  std::vector<SampleResult> wrong, right;
  for (const SampleResult& s : all) (s.label == s.prediction ? right : wrong).push_back(s);
  std::stable_sort(wrong.begin(), wrong.end(), [](const SampleResult& a, const SampleResult& b) {
    return a.probability > b.probability;
  });
  wrong.resize(std::min(wrong.size(), kSamples / 2));
  right.resize(std::min(right.size(), kSamples - wrong.size()));
  wrong.insert(wrong.end(), right.begin(), right.end());
  return wrong;
}

}  // namespace

void RunFolder::Begin(const TrainConfig& config) const {
  if (fs::exists(Config()) || fs::exists(Last())) {
    throw ArgumentError(fmt::format(
        "{} holds a run already; go on with it by --resume {}, or choose another --out", path_, path_));
  }
  CreateFolders(path_);
  WriteConfig(config);
  WriteFileAtomic(Metrics(), kHeader);
}

void RunFolder::WriteConfig(const TrainConfig& config) const {
  WriteFileAtomic(Config(), ConfigToToml(config));
}

void RunFolder::AppendMetrics(const EpochMetrics& m) const {
  const auto validated = [&](double v) { return m.validated ? fmt::format("{:.6f}", v) : std::string(); };
  const std::string row =
      fmt::format("{},{},{:.3f},{:.6f},{:.6f},{},{},{:.8f},{:.1f},{:.4f}\n", m.epoch, m.step, m.seconds,
                  m.train_loss, m.train_accuracy, validated(m.val_loss), validated(m.val_accuracy), m.lr,
                  m.images_per_second, m.data_wait);
  WriteFileAtomic(Metrics(), ReadFile(Metrics(), kMaxMetrics) + row);
}

double RunFolder::TruncateMetrics(int64_t step) const {
  std::string kept = kHeader;
  double seconds = 0;
  const std::string all = fs::exists(Metrics()) ? ReadFile(Metrics(), kMaxMetrics) : kept;
  for (std::size_t at = all.find('\n') + 1; at > 0 && at < all.size();) {
    const std::size_t end = all.find('\n', at);
    if (end == std::string::npos) break;
    const std::string row = all.substr(at, end + 1 - at);
    char* next = nullptr;
    std::strtoll(row.c_str(), &next, 10);
    const long long row_step = *next == ',' ? std::strtoll(next + 1, &next, 10) : step + 1;
    if (row_step <= step) {
      kept += row;
      if (*next == ',') seconds = std::strtod(next + 1, nullptr);
    }
    at = end + 1;
  }
  WriteFileAtomic(Metrics(), kept);
  return seconds;
}

void RunFolder::WriteResult(const Model& model, const Dataset& data, const Evaluation& test,
                            const std::string& weights) const {
  const Json result{{"test_correct", test.correct},
                    {"test_total", test.total},
                    {"test_top1", test.Accuracy()},
                    {"test_top5", test.TopFive()},
                    {"test_loss", test.loss},
                    {"weights", weights},
                    {"parameters", model.network.ParameterCount()},
                    {"multiply_adds", model.network.MultiplyAdds()}};
  Json samples = Json::array();
  const Shape shape = data.ImageShape();
  std::vector<uint8_t> pixels(static_cast<std::size_t>(shape.Size()));
  for (const SampleResult& s : ChooseSamples(test.samples)) {
    data.Read(Split::kTest, s.index, pixels.data());
    samples.push_back({{"pixels", EncodeBase64(pixels)},
                       {"shape", {shape[0], shape[1], shape[2]}},
                       {"label", s.label},
                       {"prediction", s.prediction},
                       {"probability", s.probability}});
  }
  const Json evaluation{{"classes", model.classes}, {"confusion", test.confusion}, {"samples", samples}};
  WriteFileAtomic(File("evaluation.json"), evaluation.dump());
  WriteFileAtomic(File("result.json"), result.dump(2) + "\n");
}

std::string FindModel(const std::string& model_or_run) {
  if (std::error_code unreadable; !fs::is_directory(model_or_run, unreadable)) return model_or_run;
  const RunFolder run(model_or_run);
  for (const std::string& path : {run.Best(), run.Last()}) {
    if (fs::exists(path)) return path;
  }
  throw IoError(fmt::format("{} holds neither best.safetensors nor last.safetensors", model_or_run));
}

std::optional<TrainConfig> ConfigOfRun(const std::string& model_or_run) {
  const RunFolder run(model_or_run);
  if (!fs::exists(run.Config())) return std::nullopt;
  return ConfigFrom(ReadToml(run.Config()));
}

Arithmetic ArithmeticFor(const ArithmeticFlags& flags, const std::string& model_or_run) {
  TrainConfig config = ConfigOfRun(model_or_run).value_or(TrainConfig());
  flags.LayOver(config);
  return ArithmeticOf(config);
}

void ArithmeticFlags::LayOver(TrainConfig& config) const {
  if (!numerics.empty()) config.numerics = numerics;
  if (!precision.empty()) config.precision = precision;
}

std::vector<View> ViewsFor(const std::string& flag, const std::string& model_or_run) {
  if (!flag.empty()) return ViewsOf(flag);
  const auto config = ConfigOfRun(model_or_run);
  return ViewsOf(config ? config->tta : "none");
}

}  // namespace fovea
