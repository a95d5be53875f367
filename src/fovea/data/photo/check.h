// What is wrong with a folder of photos, before a day of training finds out.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "fovea/base/parallel.h"
#include "fovea/data/photo/image.h"

namespace fovea {

struct UnreadablePhoto {
  std::string path, reason;  // the reason names the path too
};

// The same bytes in two splits: the test would ask what training has told.
struct DuplicatePhoto {
  std::string path, copy;
  std::string split, copy_split;
};

struct MissingClass {
  std::string split, name;
};

struct SideRange {
  int64_t least = 0, median = 0, largest = 0;
};

struct PhotoReport {
  std::vector<std::string> classes;
  std::vector<std::string> splits;           // "train", "val", "test", those that there are
  std::vector<std::vector<int64_t>> counts;  // files: [split][class]
  std::vector<UnreadablePhoto> unreadable;   // in the order of the folder, as all lists here
  std::vector<DuplicatePhoto> duplicates;    // each copy once, with its first appearance
  std::vector<MissingClass> missing;         // classes without a file in a split
  double imbalance = 0;                      // largest training class / smallest that is not empty
  SideRange width, height;                   // of the readable photos, upright; 0 without any
};

// Decodes every file of the layouts of layout.h completely, on all threads of the pool. Throws what
// ListPhotos throws; a photo that cannot be read is a line in the report.
PhotoReport CheckPhotos(const std::string& path, ThreadPool& pool);

}  // namespace fovea
