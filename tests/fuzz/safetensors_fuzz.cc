// libFuzzer on the reader of .safetensors: any bytes are tensors, and weights of a network or not, or an Error.
#include "fovea/formats/safetensors.h"
#include "fovea/formats/weights.h"
#include "fuzz.h"
#include "small_network.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  static fovea::Network network = fovea::SmallNetwork();
  return fovea::Fuzz(data, size, [](const std::string& bytes) {
    const fovea::NamedArrays arrays = fovea::ArraysOf(fovea::ParseTensorFile("fuzz", bytes));
    fovea::SetWeights("fuzz", arrays, fovea::OwnNames(network), network);
  });
}
