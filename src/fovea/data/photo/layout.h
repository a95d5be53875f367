// Which photos a folder holds: classes are folders, in one of two layouts.
//   DIR/CLASS/*                  one set; a tenth of it is the test split
//   DIR/train/CLASS/*            beside val/ (or valid/, validation/) and test/, where they are; with
//                                neither, a tenth of train/ is the test split
// DIR/train counts as the second layout when it holds folders, so that a class may be called "train".
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace fovea {

struct PhotoFile {
  std::string path;
  int32_t label = 0;
};

struct PhotoGroup {
  std::string name;               // "train", "val" or "test"
  std::vector<PhotoFile> photos;  // by class, then by name in byte order
};

struct PhotoLayout {
  std::vector<std::string> classes;  // names of the class folders for training, sorted by bytes
  std::vector<PhotoGroup> groups;    // train first; the last one tests
};

// The tenth is chosen by a hash of CLASS/NAME, so a new file moves no other one; but every class of two or
// more photos gives at least one and keeps at least one: in a class that small a new file may move one. Hidden
// files and folders (.NAME, @NAME, __MACOSX) are passed over, and files that are never photos: .txt .csv .tsv
// .json .md .xml .yaml .yml .html .log .ini, Thumbs.db. No file is opened.
// Throws IoError when `path` is not a folder that can be read. FormatError: there are no class folders; a
// class of val/ or test/ that training lacks; a folder within a class; a class name that is not printable
// UTF-8.
PhotoLayout ListPhotos(const std::string& path);

}  // namespace fovea
