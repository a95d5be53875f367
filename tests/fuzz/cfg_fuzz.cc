// libFuzzer on the reader of darknet cfgs: any text is a network or an Error.
#include "fovea/formats/darknet/darknet.h"
#include "fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  return fovea::Fuzz(data, size, [](const std::string& bytes) {
    fovea::ParseDarknetCfg("fuzz", bytes, fovea::DarknetEpsilon::kInsideRoot, 1 << 20);
  });
}
