// A folder of photos, one folder a class (layout.h), as a data set: `folder:DIR`. The test split is test/, else
// val/, else a tenth of the photos. JPEG and PNG of any size, brought to one size in the middle of each.
#pragma once

#include <string>
#include <vector>

#include "fovea/data/dataset.h"
#include "fovea/data/photo/folder_options.h"
#include "fovea/data/photo/layout.h"

namespace fovea {

class PhotoFolder final : public Dataset {
 public:
  // Lists the files and opens only those that it must: for an automatic size and for kSkip. Throws
  // ArgumentError for a size below 0 or above 4096; what ListPhotos throws; FormatError naming a class without
  // a photo to train on, and, with kFail, an unreadable photo that it met.
  explicit PhotoFolder(const std::string& path, const PhotoFolderOptions& options = {});
  // Photos that were listed in another way; `name` is the data set's, `path` stands in messages.
  PhotoFolder(std::string name, std::string path, PhotoLayout layout, const PhotoFolderOptions& options);

  std::string Name() const override { return name_; }
  const std::vector<std::string>& Classes() const override { return classes_; }
  Shape ImageShape() const override { return {3, size_, size_}; }
  int64_t Size(Split split) const override { return static_cast<int64_t>(Photos(split).size()); }
  // Decodes the photo, as small as it may be for its size, and crops its middle. Throws FormatError or IoError
  // naming the file.
  int32_t Read(Split split, int64_t index, uint8_t* pixels) const override;
  int32_t Label(Split split, int64_t index) const override;

  const std::string& PhotoPath(Split split, int64_t index) const;
  // One message for each photo that was left out.
  std::vector<std::string> Remarks() const override { return skipped_; }

 private:
  const std::vector<PhotoFile>& Photos(Split split) const { return split == Split::kTrain ? train_ : test_; }
  void SkipUnreadable(std::vector<PhotoFile>& photos);
  void CheckClasses() const;

  std::string name_, path_;
  int64_t size_ = 0;
  std::vector<std::string> classes_, skipped_;
  std::vector<PhotoFile> train_, test_;
};

}  // namespace fovea
