// Every kind of model file by the end of its name: one row a format.
#pragma once

#include <string>
#include <vector>

#include "fovea/formats/import_options.h"
#include "fovea/network/model.h"

#pragma GCC visibility push(default)
namespace fovea {

struct FileFormat {
  const char* ending;  // ".onnx"
  const char* name;
  Model (*load)(const std::string& path, const ImportOptions& options);
  void (*save)(const std::string& path, const Model& model);
  std::string (*describe)(const std::string& path);
};

// Throws ArgumentError for an ending that is not known, with those that are.
const FileFormat& FormatOf(const std::string& path);
bool HasFormat(const std::string& path);

std::vector<std::string> FormatEndings();

// By the end of the name; a file of another name is one of Fovea's own. Throws ArgumentError for a .cfg or .json, which describes a
// network and has no weights.
Model LoadAnyModel(const std::string& path, const ImportOptions& options = {});
void SaveAnyModel(const std::string& path, const Model& model);

// What a file holds, as lines of text: a model of any format, or arrays.
std::string DescribeFile(const std::string& path);

}  // namespace fovea
#pragma GCC visibility pop
