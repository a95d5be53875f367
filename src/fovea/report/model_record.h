// What the report tells of the weights of a run.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "fovea/network/model.h"
#include "fovea/report/evaluation_record.h"

namespace fovea {

struct LayerRecord {
  std::string name, type, output;  // "conv1", "conv2d", "32x16x16"
  int64_t parameters = 0;
};

struct ModelRecord {
  int64_t parameters = 0, multiply_adds = 0;
  std::string input;  // "3x32x32"
  std::vector<LayerRecord> layers;
  std::string first_layer;         // the name of the first convolution's weights; empty without one
  std::vector<ByteImage> filters;  // one for each of its filters
};

ModelRecord RecordModel(const Model& model);

// Of best.safetensors, else of last.safetensors, else nothing. Throws FormatError when the file is broken.
std::optional<ModelRecord> ReadModelRecord(const std::string& run_folder);

}  // namespace fovea
