#include "fovea/base/error.h"
#include "fovea/formats/onnx/onnx.h"

// Compiled instead of the other sources of this folder where protobuf is missing.
namespace fovea {
namespace {

[[noreturn]] void Refuse() {
  throw ArgumentError(
      "this build does not know ONNX: apt-get install protobuf-compiler libprotobuf-dev libonnx-dev, then "
      "configure and build "
      "again");
}

}  // namespace

bool KnowsOnnx() { return false; }
Model LoadOnnx(const std::string&, const ImportOptions&) { Refuse(); }
Model ParseOnnx(const std::string&, std::string_view, const ImportOptions&) { Refuse(); }
std::string SerialiseOnnx(const Model&) { Refuse(); }
void SaveOnnx(const std::string&, const Model&) { Refuse(); }
std::string DescribeOnnx(const std::string&) { Refuse(); }

}  // namespace fovea
