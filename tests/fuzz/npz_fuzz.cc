// libFuzzer on the reader of .npz: any bytes are named arrays or an Error.
#include "fovea/formats/npz.h"
#include "fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  return fovea::Fuzz(data, size, [](const std::string& bytes) { fovea::ParseNpz("fuzz", bytes); });
}
