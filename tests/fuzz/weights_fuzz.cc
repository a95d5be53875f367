// libFuzzer on the reader of darknet weights: any bytes are those of the network or an Error.
#include "fovea/formats/darknet/darknet.h"
#include "fuzz.h"
#include "small_network.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  static fovea::Network network = fovea::SmallNetwork();
  return fovea::Fuzz(data, size,
                     [](const std::string& bytes) { fovea::ParseDarknetWeights("fuzz", bytes, network); });
}
