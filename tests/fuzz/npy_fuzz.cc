// libFuzzer on the reader of .npy: any bytes are an array or an Error.
#include "fovea/formats/npy.h"
#include "fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  return fovea::Fuzz(data, size, [](const std::string& bytes) { fovea::ParseNpy("fuzz", bytes); });
}
