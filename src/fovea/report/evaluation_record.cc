#include "fovea/report/evaluation_record.h"

#include <fmt/format.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "fovea/base/base64.h"
#include "fovea/base/checked.h"
#include "fovea/base/error.h"
#include "fovea/report/json_text.h"

namespace fovea {
namespace {

using Json = nlohmann::json;

constexpr int64_t kMaxBytes = int64_t{1} << 28, kMaxPixels = int64_t{1} << 26, kMaxCount = int64_t{1} << 40;

ByteImage ReadImage(const Json& sample, const std::string& where) {
  const auto shape = sample.at("shape").get<std::vector<int64_t>>();
  if (shape.size() != 3 || shape[0] < 1 || shape[1] < 1 || shape[2] < 1) {
    throw FormatError(where + ": 'shape' must be [channels, height, width], each at least 1");
  }
  ByteImage image{shape[0], shape[1], shape[2], {}};
  const int64_t count = CheckedProduct({shape[0], shape[1], shape[2]});
  const Json& pixels = sample.at("pixels");
  try {
    image.pixels = pixels.is_string() ? DecodeBase64(pixels.get_ref<const std::string&>())
                                      : pixels.get<std::vector<uint8_t>>();
  } catch (const FormatError& error) {
    throw FormatError(fmt::format("{}: 'pixels': {}", where, error.what()));
  }
  if (count > kMaxPixels || static_cast<int64_t>(image.pixels.size()) != count) {
    throw FormatError(fmt::format("{}: {} pixels; the shape needs {}", where, image.pixels.size(), count));
  }
  return image;
}

int ReadClass(const Json& sample, const char* key, std::size_t classes, const std::string& where) {
  const int64_t value = sample.at(key).get<int64_t>();
  if (value < 0 || value >= static_cast<int64_t>(classes)) {
    throw FormatError(fmt::format("{}: '{}' is {}; there are {} classes", where, key, value, classes));
  }
  return static_cast<int>(value);
}

EvaluationRecord Parse(const Json& json, const std::string& path) {
  EvaluationRecord record;
  record.classes = json.at("classes").get<std::vector<std::string>>();
  const std::size_t n = record.classes.size();
  if (json.contains("confusion"))
    record.confusion = json["confusion"].get<std::vector<std::vector<int64_t>>>();
  bool square = record.confusion.empty() || record.confusion.size() == n;
  for (const auto& row : record.confusion) square = square && row.size() == n;
  if (!square) throw FormatError(fmt::format("{}: 'confusion' must be {} by {}, as 'classes'", path, n, n));
  for (const auto& row : record.confusion) {
    for (const int64_t count : row) {
      if (count < 0 || count > kMaxCount)
        throw FormatError(fmt::format("{}: {} is no count of images", path, count));
    }
  }
  if (!json.contains("samples")) return record;
  for (const Json& sample : json["samples"]) {
    const std::string where = fmt::format("{}: sample {}", path, record.samples.size());
    SamplePrediction& entry = record.samples.emplace_back();
    entry.image = ReadImage(sample, where);
    entry.label = ReadClass(sample, "label", n, where);
    entry.prediction = ReadClass(sample, "prediction", n, where);
    const Json& probability = sample.at("probability");
    entry.probability =
        probability.is_null() ? std::numeric_limits<double>::quiet_NaN() : probability.get<double>();
  }
  return record;
}

}  // namespace

EvaluationRecord ReadEvaluationRecord(const std::string& path) {
  try {
    return Parse(Json::parse(ReadJsonText(path, kMaxBytes)), path);
  } catch (const nlohmann::json::exception& error) {
    throw FormatError(fmt::format("{}: {}", path, error.what()));
  } catch (const ArgumentError& error) {
    throw FormatError(fmt::format("{}: {}", path, error.what()));
  }
}

}  // namespace fovea
