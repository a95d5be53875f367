// A model as one safetensors file that needs nothing beside it: the metadata holds the format number, the
// network, preprocessing, class names, the micro-shard size, examples and a detector's heads; the tensors are
// the parameters and running statistics by name.
#pragma once

#include <map>
#include <string>

#include "fovea/formats/safetensors.h"
#include "fovea/network/model.h"

#pragma GCC visibility push(default)
namespace fovea {

inline constexpr int kModelFormat = 1;

// All of a model but its weights, as named texts: what a file of another format carries beside its graph.
using ModelMetadata = std::map<std::string, std::string>;
ModelMetadata MetadataOf(const Model& model);
// How much of the described network a model has: all of it, all of it for images of another size, or the part from the input to an
// inner value.
enum class Described { kWhole, kResized, kBeginning };
// Sets preprocessing and conventions of a model that has its network, names of classes but of a beginning, examples and heads of a whole one. Throws
// FormatError as ModelFromFile does.
void ReadMetadata(const std::string& path, const ModelMetadata& metadata, Described described, Model& model);

// How many names of classes fit: one for each output, of a detector those of its heads.
int64_t ClassCount(const Model& model);

// Throws ArgumentError for preprocessing that does not fit the input's channels or is not finite, or names of classes that do not
// fit the outputs or heads (none at all is fine).
TensorFile ModelToFile(const Model& model);

// Throws FormatError: an unknown format number, a missing tensor, a wrong shape, what ModelToFile refuses. Tensors that the network
// does not know are left alone: a checkpoint holds more than a model.
Model ModelFromFile(const std::string& path, const TensorFile& file);

void SaveModel(const std::string& path, const Model& model);
Model LoadModel(const std::string& path);

}  // namespace fovea
#pragma GCC visibility pop
