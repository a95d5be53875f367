// The folder of a run: config.toml, metrics.csv, best.safetensors, last.safetensors, result.json,
// evaluation.json.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "fovea/data/dataset.h"
#include "fovea/train/config.h"
#include "fovea/train/evaluate.h"

#pragma GCC visibility push(default)
namespace fovea {

struct EpochMetrics {
  int64_t epoch = 0, step = 0;
  double seconds = 0;  // of the whole run so far
  double train_loss = 0, train_accuracy = 0;
  bool validated = false;
  double val_loss = 0, val_accuracy = 0;
  double lr = 0, images_per_second = 0;
  double data_wait = 0;  // share of the epoch in which the step waited for data
};

class RunFolder {
 public:
  explicit RunFolder(std::string path) : path_(std::move(path)) {}

  const std::string& path() const { return path_; }
  std::string File(const char* name) const { return path_ + "/" + name; }
  std::string Config() const { return File("config.toml"); }
  std::string Metrics() const { return File("metrics.csv"); }
  std::string Best() const { return File("best.safetensors"); }
  std::string Last() const { return File("last.safetensors"); }

  // Makes the folder and writes config.toml and the header of metrics.csv. Throws ArgumentError when the
  // folder holds a run.
  void Begin(const TrainConfig& config) const;
  void WriteConfig(const TrainConfig& config) const;
  void AppendMetrics(const EpochMetrics& metrics) const;
  // Drops the rows after `step`; returns the seconds of the last row left.
  double TruncateMetrics(int64_t step) const;
  // result.json and evaluation.json; `weights` says which were tested.
  void WriteResult(const Model& model, const Dataset& data, const Evaluation& test,
                   const std::string& weights) const;

 private:
  std::string path_;
};

// A file, or the best weights of a run folder. Throws IoError when neither is there.
std::string FindModel(const std::string& model_or_run);

// The configuration of a run folder; nothing of anything else.
std::optional<TrainConfig> ConfigOfRun(const std::string& model_or_run);

// As flags tell it; empty where they do not.
struct ArithmeticFlags {
  std::string numerics, precision;
  void LayOver(TrainConfig& config) const;  // those that are not empty
};
// `flags`, else what the run was trained with, else fast in single precision.
Arithmetic ArithmeticFor(const ArithmeticFlags& flags, const std::string& model_or_run = "");
// `flag`, else those with which the run was tested, else none.
std::vector<View> ViewsFor(const std::string& flag, const std::string& model_or_run);

}  // namespace fovea
#pragma GCC visibility pop
