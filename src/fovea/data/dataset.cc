#include "fovea/data/dataset.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <mutex>

#include "fovea/base/error.h"
#include "fovea/base/parallel.h"
#include "fovea/base/suggest.h"
#include "fovea/data/cifar.h"
#include "fovea/data/glyphs.h"
#include "fovea/data/idx.h"
#include "fovea/data/photo/folder.h"
#include "fovea/data/photo/lists.h"

namespace fovea {

int32_t Dataset::Label(Split split, int64_t index) const {
  std::vector<uint8_t> pixels(static_cast<std::size_t>(ImageShape().Size()));
  return Read(split, index, pixels.data());
}

namespace {

struct Row {
  std::string kind;
  const char* path;  // what the path is, for messages; null for data without one
  std::unique_ptr<Dataset> (*open)(const std::string& path, const PhotoFolderOptions& photos);
};

std::unique_ptr<Dataset> OpenIdx(const char* kind, const std::string& path) {
  return std::make_unique<Idx>(kind, path);
}

const std::vector<Row>& Rows() {
  using Path = const std::string&;
  using Photos = const PhotoFolderOptions&;
  static const std::vector<Row> rows = {
      {"glyphs", nullptr,
       [](Path, Photos) -> std::unique_ptr<Dataset> { return std::make_unique<Glyphs>(); }},
      {"folder", "folder of photos, with one folder for each class",
       [](Path path, Photos photos) -> std::unique_ptr<Dataset> {
         return std::make_unique<PhotoFolder>(path, photos);
       }},
      {"cifar10", "folder of its .bin files",
       [](Path path, Photos) -> std::unique_ptr<Dataset> {
         return std::make_unique<Cifar>(Cifar::Kind::k10, path);
       }},
      {"cifar100", "folder of its .bin files",
       [](Path path, Photos) -> std::unique_ptr<Dataset> {
         return std::make_unique<Cifar>(Cifar::Kind::k100, path);
       }},
      {"mnist", "folder of its IDX files", [](Path path, Photos) { return OpenIdx("mnist", path); }},
      {"fashion_mnist", "folder of its IDX files",
       [](Path path, Photos) { return OpenIdx("fashion_mnist", path); }},
      {"idx", "folder of IDX files", [](Path path, Photos) { return OpenIdx("idx", path); }}};
  return rows;
}

}  // namespace

std::vector<std::string> DatasetKinds() {
  std::vector<std::string> kinds;
  for (const Row& row : Rows()) kinds.push_back(row.kind);
  return kinds;
}

std::unique_ptr<Dataset> OpenDataset(const std::string& spec, const PhotoFolderOptions& photos) {
  const auto colon = spec.find(':');
  const std::string kind = spec.substr(0, colon),
                    path = colon == std::string::npos ? "" : spec.substr(colon + 1);
  for (const Row& row : Rows()) {
    if (row.kind != kind) continue;
    if (row.path != nullptr && path.empty())
      throw ArgumentError(fmt::format("{0} needs the {1}: --data {0}:PATH", kind, row.path));
    return row.open(path, photos);
  }
  if (spec.ends_with(".data")) return std::make_unique<PhotoFolder>(spec, spec, ReadPhotoLists(spec), photos);
  throw ArgumentError(fmt::format("there is no data set \"{}\"{}", kind, DidYouMean(kind, DatasetKinds())));
}

ChannelStatistics MeasureChannels(const Dataset& data, const std::vector<int64_t>& indices, int threads) {
  const Shape shape = data.ImageShape();
  const auto channels = static_cast<std::size_t>(shape[0]),
             plane = static_cast<std::size_t>(shape[1] * shape[2]);
  std::vector<uint64_t> sum(channels), square(channels);
  std::mutex mutex;
  ThreadPool pool(threads > 0 ? threads : HardwareThreads());
  constexpr std::size_t kChunk = 64;
  const auto chunks = static_cast<int64_t>((indices.size() + kChunk - 1) / kChunk);
  pool.For(chunks, [&](int64_t chunk, int) {
    std::vector<uint64_t> part(channels), part_square(channels);
    std::vector<uint8_t> pixels(channels * plane);
    const auto first = static_cast<std::size_t>(chunk) * kChunk;
    for (std::size_t k = first; k < std::min(indices.size(), first + kChunk); k++) {
      data.Read(Split::kTrain, indices[k], pixels.data());
      for (std::size_t i = 0; i < pixels.size(); i++) {
        part[i / plane] += pixels[i];
        part_square[i / plane] += uint64_t{pixels[i]} * pixels[i];
      }
    }
    const std::lock_guard lock(mutex);
    for (std::size_t c = 0; c < channels; c++) sum[c] += part[c], square[c] += part_square[c];
  });
  const double count = static_cast<double>(std::max<std::size_t>(indices.size() * plane, 1));
  ChannelStatistics statistics;
  for (std::size_t c = 0; c < channels; c++) {
    const double mean = static_cast<double>(sum[c]) / count;
    const double variance =
        static_cast<double>(square[c]) / count - mean * mean;  // exact integers: no cancellation
    statistics.mean.push_back(mean / 255);
    statistics.deviation.push_back(std::max(std::sqrt(std::max(variance, 0.0)) / 255, 1e-3));
  }
  return statistics;
}

}  // namespace fovea
