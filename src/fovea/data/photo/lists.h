// Darknet's description of a classifier's data: a file of key = value lines,
//   classes = 2
//   train   = lists/train.list     a path of a photo a line
//   valid   = lists/test.list      the test split
//   labels  = lists/labels.txt     a name of a class a line; or names = ...
// The class of a photo is the one whose name its path contains. Paths are as darknet has them: from where it is run.
// Other keys (backup, top) are passed over.
// Source    github.com/pjreddie/darknet, examples/classifier.c and src/data.c: fill_truth
#pragma once

#include <string>

#include "fovea/data/photo/layout.h"

namespace fovea {

// Opens no photo. Throws IoError when a list cannot be read; FormatError naming the file and line for what is no such line, a
// missing key, fewer names than classes, or a path that contains no name of a class, or several.
PhotoLayout ReadPhotoLists(const std::string& path);

}  // namespace fovea
