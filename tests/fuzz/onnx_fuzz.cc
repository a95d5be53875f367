// libFuzzer on the reader of ONNX: any bytes are a model, which runs, or an Error. Most mutations keep the file a model.
#include "fovea/formats/onnx/onnx.h"
#include "fuzz.h"
#include "onnx_mutator.h"
#include "run_small.h"

using fovea::onnx::proto::ModelProto;

extern "C" std::size_t LLVMFuzzerMutate(uint8_t* data, std::size_t size, std::size_t most);

namespace {

bool Parse(const uint8_t* data, std::size_t size, ModelProto& model) {
  return model.ParseFromArray(data, static_cast<int>(size)) && model.graph().node_size() > 0;
}

// The bytes of the model, where there is room for them; else 0.
std::size_t Write(const ModelProto& model, uint8_t* data, std::size_t most) {
  const std::string bytes = model.SerializeAsString();
  if (bytes.size() > most) return 0;
  std::copy(bytes.begin(), bytes.end(), data);
  return bytes.size();
}

}  // namespace

extern "C" std::size_t LLVMFuzzerCustomMutator(uint8_t* data, std::size_t size, std::size_t most,
                                               unsigned seed) {
  ModelProto model;
  if (seed % 8 == 0 || !Parse(data, size, model)) return LLVMFuzzerMutate(data, size, most);
  fovea::OnnxMutator mutator(seed);
  for (unsigned changes = 1 + seed / 8 % 3; changes > 0; changes--) mutator.Mutate(model);
  const std::size_t written = Write(model, data, most);
  return written > 0 ? written : LLVMFuzzerMutate(data, size, most);
}

extern "C" std::size_t LLVMFuzzerCustomCrossOver(const uint8_t* data1, std::size_t size1,
                                                 const uint8_t* data2, std::size_t size2, uint8_t* out,
                                                 std::size_t most, unsigned) {
  ModelProto model, other;
  if (!Parse(data1, size1, model) || !Parse(data2, size2, other)) return 0;
  fovea::OnnxMutator::Join(model, other);
  return Write(model, out, most);
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  return fovea::Fuzz(data, size,
                     [](const std::string& bytes) { fovea::RunSmall(fovea::ParseOnnx("fuzz", bytes)); });
}
