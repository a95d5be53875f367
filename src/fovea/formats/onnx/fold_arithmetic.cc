#include "fovea/formats/onnx/fold_arithmetic.h"

#include <cmath>
#include <limits>

#include "fovea/base/checked.h"
#include "fovea/formats/onnx/incoming.h"

namespace fovea::onnx {
namespace {

using Kind = Constant::Kind;

float Apply(char sign, float a, float b) {
  return sign == '+' ? a + b : sign == '-' ? a - b : sign == '*' ? a * b : a / b;
}

// ONNX divides integers towards zero, as C++ does.
int64_t Apply(char sign, int64_t a, int64_t b) {
  constexpr int64_t kLeast = std::numeric_limits<int64_t>::min();
  if (sign == '*') return CheckedMultiply(a, b);
  if (sign == '+') return CheckedAdd(a, b);
  if (b == 0 || b == kLeast || (a == kLeast && b == -1)) {
    if (sign == '/') throw FormatError("a division that integers do not allow");
    if (b == kLeast) throw FormatError("a difference that is too large");
  }
  return sign == '-' ? CheckedAdd(a, -b) : a / b;
}

char SignOf(const std::string& onnx) {
  return onnx == "Add" ? '+' : onnx == "Sub" ? '-' : onnx == "Mul" ? '*' : '/';
}

// Whether the result counts batches: a multiple may be formed, and the quotient of two of them counts none.
bool BatchOf(Incoming& in, char sign, bool a, bool b) {
  if (!a && !b) return false;
  if (sign == '*' && a != b) return true;
  if (sign == '/' && a) return !b;
  if ((sign == '+' || sign == '-') && a && b) return true;
  in.Refuse("it computes with the size of the batch");
}

}  // namespace

Constant FoldArithmetic(Incoming& in) {
  const char sign = SignOf(in.node().op_type());
  const Constant a = in.Held(0), b = in.Held(1);
  const bool equal = a.dims == b.dims;
  if (a.kind != b.kind) throw FormatError("its inputs have different types");
  if (!equal && a.size() != 1 && b.size() != 1) in.Refuse("constants of different shapes are joined");
  Constant y;
  y.kind = a.kind, y.dims = (b.size() == 1 ? a : b).dims;
  y.dims.insert(y.dims.begin(), std::max(a.dims.size(), b.dims.size()) - y.dims.size(), 1);
  const auto size = static_cast<std::size_t>(y.size());
  for (std::size_t i = 0; i < size; i++) {
    const std::size_t ia = a.size() == 1 ? 0 : i, ib = b.size() == 1 ? 0 : i;
    if (y.kind == Kind::kFloat) {
      y.floats.push_back(Apply(sign, a.floats[ia], b.floats[ib]));
    } else {
      y.integers.push_back(Apply(sign, a.integers[ia], b.integers[ib]));
      y.batch.push_back(BatchOf(in, sign, !a.batch.empty() && a.batch[ia], !b.batch.empty() && b.batch[ib]));
    }
  }
  return y;
}

Constant FoldCast(Incoming& in) {
  using proto::TensorProto;
  const int64_t to = in.attributes().Integer("to", TensorProto::FLOAT);
  in.attributes().Ignore("saturate");
  Constant x = in.Held(0);
  const bool to_float = to == TensorProto::FLOAT || to == TensorProto::DOUBLE;
  if (!to_float && to != TensorProto::INT64 && to != TensorProto::INT32)
    in.Refuse("constants are cast to floats, int32 and int64 alone");
  if (to_float && x.kind == Kind::kInteger) {
    if (x.HasBatch()) in.Refuse("it computes with the size of the batch");
    for (const int64_t v : x.integers) x.floats.push_back(static_cast<float>(v));
    x.kind = Kind::kFloat, x.integers.clear(), x.batch.clear();
  } else if (!to_float && x.kind == Kind::kFloat) {
    for (const float v : x.floats) {
      if (!(std::abs(v) < 0x1p62f)) throw FormatError("a number is too large for an integer");
      x.integers.push_back(static_cast<int64_t>(v));
    }
    x.kind = Kind::kInteger, x.floats.clear();
  }
  return x;
}

Constant FoldFloor(Incoming& in) {
  Constant x = in.Held(0);
  for (float& v : x.floats) v = std::floor(v);
  return x;
}

}  // namespace fovea::onnx
