#include "fovea/data/photo/check.h"

#include <algorithm>
#include <map>
#include <utility>

#include "fovea/base/error.h"
#include "fovea/data/photo/decode.h"
#include "fovea/data/photo/hash.h"
#include "fovea/data/photo/layout.h"

namespace fovea {
namespace {

struct Finding {
  const PhotoFile* photo;
  const std::string* split;
  PhotoSize size;  // 0x0: unreadable
  std::string reason;
  uint64_t bytes = 0, hash = 0;
};

void Examine(Finding& finding) {
  try {
    const std::string bytes = ReadPhotoFile(finding.photo->path);
    finding.bytes = bytes.size();
    finding.hash = HashBytes(bytes);
    const Image image = DecodePhotoBytes(bytes, finding.photo->path);
    finding.size = {image.width, image.height};
  } catch (const std::exception& error) {  // out of memory too is one photo's trouble
    finding.reason = error.what();
  }
}

std::vector<Finding> ExamineAll(const PhotoLayout& layout, ThreadPool& pool) {
  std::vector<Finding> findings;
  for (const PhotoGroup& group : layout.groups) {
    for (const PhotoFile& photo : group.photos) findings.push_back({&photo, &group.name, {}, {}, 0, 0});
  }
  pool.For(static_cast<int64_t>(findings.size()),
           [&](int64_t i, int) { Examine(findings[static_cast<std::size_t>(i)]); });
  return findings;
}

std::vector<DuplicatePhoto> FindDuplicates(const std::vector<Finding>& findings) {
  std::map<std::pair<uint64_t, uint64_t>, std::vector<const Finding*>> alike;
  std::vector<DuplicatePhoto> duplicates;
  for (const Finding& finding : findings) {
    if (finding.bytes == 0) continue;
    auto& earlier = alike[{finding.hash, finding.bytes}];
    const auto same = std::find_if(earlier.begin(), earlier.end(), [&](const Finding* other) {
      return *other->split != *finding.split &&
             ReadPhotoFile(other->photo->path) == ReadPhotoFile(finding.photo->path);
    });
    if (same != earlier.end())
      duplicates.push_back({(*same)->photo->path, finding.photo->path, *(*same)->split, *finding.split});
    earlier.push_back(&finding);
  }
  return duplicates;
}

SideRange RangeOf(std::vector<int64_t> sides) {
  if (sides.empty()) return {};
  std::sort(sides.begin(), sides.end());
  return {sides.front(), sides[sides.size() / 2], sides.back()};
}

void CountClasses(const PhotoLayout& layout, PhotoReport& report) {
  for (const PhotoGroup& group : layout.groups) {
    std::vector<int64_t> counts(layout.classes.size());
    for (const PhotoFile& photo : group.photos) counts[static_cast<std::size_t>(photo.label)]++;
    for (std::size_t c = 0; c < counts.size(); c++) {
      if (counts[c] == 0) report.missing.push_back({group.name, layout.classes[c]});
    }
    report.splits.push_back(group.name);
    report.counts.push_back(std::move(counts));
  }
  int64_t least = 0, largest = 0;
  for (const int64_t count : report.counts[0]) {
    if (count > 0 && (least == 0 || count < least)) least = count;
    largest = std::max(largest, count);
  }
  report.imbalance = least == 0 ? 0 : static_cast<double>(largest) / static_cast<double>(least);
}

}  // namespace

PhotoReport CheckPhotos(const std::string& path, ThreadPool& pool) {
  const PhotoLayout layout = ListPhotos(path);
  PhotoReport report;
  report.classes = layout.classes;
  CountClasses(layout, report);
  std::vector<int64_t> widths, heights;
  const std::vector<Finding> findings = ExamineAll(layout, pool);
  for (const Finding& finding : findings) {
    if (finding.size.width == 0) {
      report.unreadable.push_back({finding.photo->path, finding.reason});
    } else {
      widths.push_back(finding.size.width);
      heights.push_back(finding.size.height);
    }
  }
  report.width = RangeOf(std::move(widths));
  report.height = RangeOf(std::move(heights));
  report.duplicates = FindDuplicates(findings);
  return report;
}

}  // namespace fovea
