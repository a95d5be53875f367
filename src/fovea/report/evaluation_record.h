// evaluation.json: what the network said about the test images.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace fovea {

// An image of bytes, one plane a channel: pixels[(c * height + y) * width + x].
struct ByteImage {
  int64_t channels = 0, height = 0, width = 0;
  std::vector<uint8_t> pixels;
};

struct SamplePrediction {
  ByteImage image;
  int label = 0, prediction = 0;
  double probability = 0;  // of the prediction
};

// confusion[truth][prediction] counts images.
struct EvaluationRecord {
  std::vector<std::string> classes;
  std::vector<std::vector<int64_t>> confusion;
  std::vector<SamplePrediction> samples;
};

// Reads
//   {"classes": [name, ...], "confusion": [[count, ...], ...],
//    "samples": [{"shape": [C, H, W], "pixels": base64 or [byte, ...], "label": i, "prediction": i,
//                 "probability": p or null}, ...]}
// where confusion and samples may be missing. Throws IoError, or FormatError naming the file and the place.
EvaluationRecord ReadEvaluationRecord(const std::string& path);

}  // namespace fovea
