// What fovea predict does with a detector: boxes in photos.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "fovea/network/model.h"
#include "fovea/train/detector.h"

namespace fovea {

enum class PredictionForm { kText, kJson, kCsv };

struct DetectionFlags {
  double threshold = 0.5, overlap = 0.45;
  std::string fit = "letterbox", names;

  void AddTo(CLI::App& command);
};

// Prints the boxes of each photo, and why one could not be read; returns how many could not.
int PrintDetections(Model& model, const std::string& path, const std::vector<std::string>& photos,
                    const DetectionFlags& flags, int threads, const Arithmetic& arithmetic,
                    PredictionForm form);

// A field of a CSV file (RFC 4180).
std::string QuotedForCsv(const std::string& text);

}  // namespace fovea
