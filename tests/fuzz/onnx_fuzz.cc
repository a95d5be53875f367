// libFuzzer on the reader of ONNX: any bytes are a model or an Error.
#include "fovea/formats/onnx/onnx.h"
#include "fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  return fovea::Fuzz(data, size, [](const std::string& bytes) { fovea::ParseOnnx("fuzz", bytes); });
}
