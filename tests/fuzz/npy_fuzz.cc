// libFuzzer on the reader of .npy: any bytes are an array or an Error.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "fovea/base/error.h"
#include "fovea/formats/npy.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  try {
    fovea::ParseNpy("fuzz", {reinterpret_cast<const char*>(data), size});
  } catch (const fovea::Error&) {
  }
  return 0;
}
