// libFuzzer on the reader of name files: any text renames tensors or is an Error.
#include "fovea/formats/tensor_names.h"
#include "fuzz.h"
#include "small_network.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  static const fovea::Network network = fovea::SmallNetwork();
  return fovea::Fuzz(data, size,
                     [](const std::string& bytes) { fovea::ParseTensorNames("fuzz", bytes, network); });
}
