// libFuzzer on the reader of model files: any bytes are a model, which runs, or an Error.
#include "fovea/formats/model_file.h"
#include "fuzz.h"
#include "run_small.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  return fovea::Fuzz(data, size, [](const std::string& bytes) {
    fovea::RunSmall(fovea::ModelFromFile("fuzz", fovea::ParseTensorFile("fuzz", bytes)));
  });
}
