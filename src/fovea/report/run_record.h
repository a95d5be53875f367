// What a run folder says about a run. Every part may be missing: a run that has just begun has a
// configuration and nothing else. What the report knows by name:
//   config.toml   network, data, epochs, batch, lr, schedule, weight_decay, seed, at any depth; all else is
//                 shown as it stands
//   metrics.csv   the members of MetricsRow, in any order; other columns are passed over
//   result.json   test_correct, test_total
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "fovea/report/evaluation_record.h"
#include "fovea/report/model_record.h"

namespace fovea {

// One line of metrics.csv. A missing or empty cell is nullopt; a loss that is not a number is a NaN.
struct MetricsRow {
  std::optional<double> epoch, step, seconds, train_loss, train_acc, val_loss, val_acc, lr, images_per_second;
};

struct RunRecord {
  std::string folder;
  std::vector<std::pair<std::string, std::string>> config;  // dotted key, value; in the order of the file
  std::vector<std::pair<std::string, std::string>> result;  // the same for result.json
  std::vector<MetricsRow> metrics;
  std::optional<EvaluationRecord> evaluation;
  std::optional<ModelRecord> model;

  // The value of a key, or of the first key that ends in ".key"; empty when there is none.
  std::string Config(const std::string& key) const;
  std::string Result(const std::string& key) const;
  std::optional<int64_t> ResultCount(const std::string& key) const;
};

// Reads config.toml, metrics.csv, result.json, evaluation.json and the weights where they exist; the line of
// metrics.csv that was being written when a run was killed is left out. Throws IoError when `folder` is not a
// folder or a file cannot be read, FormatError naming the file and the place when one holds something else.
RunRecord ReadRunRecord(const std::string& folder);

}  // namespace fovea
