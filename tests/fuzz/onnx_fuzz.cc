// libFuzzer on the reader of ONNX: any bytes are a model or an Error.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "fovea/base/error.h"
#include "fovea/formats/onnx/onnx.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  try {
    fovea::ParseOnnx("fuzz", {reinterpret_cast<const char*>(data), size});
  } catch (const fovea::Error&) {
  }
  return 0;
}
