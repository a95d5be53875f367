// The network of a file that Fovea wrote, by the description in its metadata.
#pragma once

#include <fovea_onnx.pb.h>

#include <optional>
#include <string>

#include "fovea/formats/import_options.h"
#include "fovea/formats/onnx/constant.h"
#include "fovea/network/network.h"

namespace fovea::onnx {

// The described network with the file's weights, or the part of it and the size of images that the options ask for; absent unless the
// file, weights and metadata aside, is the very one that the described network is written as. `file` as ReadSkeleton gives it; `text` is the entry fovea.network.
// `room`: for how many values there may be memory. Throws IoError alone.
std::optional<Network> DescribedNetwork(const proto::ModelProto& file, const std::string& text,
                                        const ImportOptions& options, int64_t room, Sources& sources);

}  // namespace fovea::onnx
