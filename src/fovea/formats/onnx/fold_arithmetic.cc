#include "fovea/formats/onnx/fold_arithmetic.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "fovea/base/checked.h"
#include "fovea/base/math.h"
#include "fovea/formats/onnx/incoming.h"
#include "fovea/formats/onnx/walk.h"

namespace fovea::onnx {
namespace {

using Kind = Constant::Kind;
using Dims = std::vector<int64_t>;

float Apply(char sign, float a, float b) {
  if (sign == '^') return static_cast<float>(Pow(static_cast<double>(a), static_cast<double>(b)));
  if (sign == 'M' || sign == 'm') return (sign == 'M') == (a > b) ? a : b;
  return sign == '+' ? a + b : sign == '-' ? a - b : sign == '*' ? a * b : a / b;
}

// ONNX divides integers towards zero, as C++ does.
int64_t Apply(char sign, int64_t a, int64_t b) {
  constexpr int64_t kLeast = std::numeric_limits<int64_t>::min();
  if (sign == '*') return CheckedMultiply(a, b);
  if (sign == '+') return CheckedAdd(a, b);
  if (sign == '^') throw FormatError("a power of integers");
  if (sign == 'M' || sign == 'm') return sign == 'M' ? std::max(a, b) : std::min(a, b);
  if (b == 0 || b == kLeast || (a == kLeast && b == -1)) {
    if (sign == '/') throw FormatError("a division that integers do not allow");
    if (b == kLeast) throw FormatError("a difference that is too large");
  }
  return sign == '-' ? CheckedAdd(a, -b) : a / b;
}

char SignOf(const std::string& onnx) {
  return onnx == "Add"   ? '+'
         : onnx == "Sub" ? '-'
         : onnx == "Mul" ? '*'
         : onnx == "Div" ? '/'
         : onnx == "Pow" ? '^'
         : onnx == "Max" ? 'M'
         : onnx == "Min" ? 'm'
                         : '=';
}

// Whether the result counts batches: a multiple may be formed, and the quotient of two of them counts none.
bool BatchOf(Incoming& in, char sign, bool a, bool b) {
  if (!a && !b) return false;
  if (sign == '*' && a != b) return true;
  if (sign == '/' && a) return !b;
  if ((sign == '+' || sign == '-') && a && b) return true;
  in.Refuse("it computes with the size of the batch");
}

bool CountsBatches(const Constant& x, std::size_t i) { return !x.batch.empty() && x.batch[i]; }

// Whether two integers are equal: a multiple of the batch is more than 0.
bool Same(Incoming& in, const Constant& a, const Constant& b, std::size_t i) {
  const bool batch_a = CountsBatches(a, i), batch_b = CountsBatches(b, i);
  if (batch_a == batch_b) return a.integers[i] == b.integers[i];
  if ((batch_a ? a : b).integers[i] <= 0 || (batch_a ? b : a).integers[i] > 0)
    in.Refuse("it compares the size of the batch");
  return false;
}

Constant SpreadOver(Constant x, const Dims& dims) {
  return x.dims == dims ? std::move(x) : Stepped(x, dims, SpreadSteps(x.dims, dims));
}

Constant Compare(Incoming& in, const Constant& a, const Constant& b, Constant y) {
  for (std::size_t i = 0; i < std::max(a.floats.size(), a.integers.size()); i++)
    y.integers.push_back(a.kind == Kind::kFloat ? a.floats[i] == b.floats[i] : Same(in, a, b, i));
  y.kind = Kind::kInteger;
  return y;
}

struct Function {
  const char* onnx;
  double (*of)(double);
};
constexpr Function kFunctions[] = {
    {"Abs", [](double x) { return std::abs(x); }},
    {"Ceil", [](double x) { return std::ceil(x); }},
    {"Erf", [](double x) { return Erf(x); }},
    {"Exp", [](double x) { return Exp(x); }},
    {"Floor", [](double x) { return std::floor(x); }},
    {"Log", [](double x) { return Log(x); }},
    {"Neg", [](double x) { return -x; }},
    {"Reciprocal", [](double x) { return 1 / x; }},
    {"Relu", [](double x) { return x < 0 ? 0 : x; }},
    {"Round", [](double x) { return std::nearbyint(x); }},  // halves to the even one
    {"Sigmoid", [](double x) { return 1 / (1 + Exp(-x)); }},
    {"Sign", [](double x) { return x == 0 ? x : std::copysign(1.0, x); }},
    {"Sqrt", [](double x) { return std::sqrt(x); }},
    {"Tanh", [](double x) { return Tanh(x); }}};

struct Reducing {
  const char* onnx;
  double start;
  double (*join)(double so_far, double x);
  double (*finish)(double joined, double count);
};
double Add(double a, double b) { return a + b; }
double AsItIs(double joined, double) { return joined; }
constexpr double kInfinite = std::numeric_limits<double>::infinity();
constexpr Reducing kReducings[] = {
    {"ReduceL1", 0, [](double a, double x) { return a + std::abs(x); }, AsItIs},
    {"ReduceSumSquare", 0, [](double a, double x) { return a + x * x; }, AsItIs},
    {"ReduceL2", 0, [](double a, double x) { return a + x * x; },
     [](double joined, double) { return std::sqrt(joined); }},
    {"ReduceMax", -kInfinite, [](double a, double x) { return std::max(a, x); }, AsItIs},
    {"ReduceMean", 0, Add, [](double joined, double count) { return joined / count; }},
    {"ReduceMin", kInfinite, [](double a, double x) { return std::min(a, x); }, AsItIs},
    {"ReduceProd", 1, [](double a, double x) { return a * x; }, AsItIs},
    {"ReduceSum", 0, Add, AsItIs}};

template <class Row, std::size_t count>
const Row& RowOf(const Row (&rows)[count], const std::string& onnx) {
  return *std::find_if(std::begin(rows), std::end(rows), [&](const Row& row) { return onnx == row.onnx; });
}

void ReduceFloats(const Reducing& row, const Constant& x, const Dims& steps, Constant& y) {
  const auto size = static_cast<std::size_t>(y.size());
  std::vector<double> joined(size, row.start);
  std::size_t i = 0;
  Walk(x.dims, steps, [&](std::size_t place) {
    joined[place] = row.join(joined[place], static_cast<double>(x.floats[i++]));
  });
  const double count = size == 0 ? 0 : static_cast<double>(i) / static_cast<double>(size);
  for (const double v : joined) y.floats.push_back(static_cast<float>(row.finish(v, count)));
}

void ReduceIntegers(Incoming& in, const Constant& x, const Dims& steps, Constant& y) {
  const std::string& onnx = in.node().op_type();
  if (onnx != "ReduceProd" && onnx != "ReduceSum") in.Refuse("it reduces integers");
  const char sign = onnx == "ReduceProd" ? '*' : '+';
  y.integers.assign(static_cast<std::size_t>(y.size()), sign == '*' ? 1 : 0);
  y.batch.assign(y.integers.size(), false);
  std::size_t i = 0;
  Walk(x.dims, steps, [&](std::size_t place) {
    y.batch[place] = BatchOf(in, sign, y.batch[place], CountsBatches(x, i));
    y.integers[place] = Apply(sign, y.integers[place], x.integers[i++]);
  });
}

}  // namespace

int64_t AxisOf(int64_t axis, std::size_t rank) {
  const auto count = static_cast<int64_t>(rank);
  if (axis < -count || axis >= count) throw FormatError(fmt::format("axis {} of {} axes", axis, rank));
  return axis < 0 ? axis + count : axis;
}

Dims JoinedDims(const Dims& a, const Dims& b) {
  const Dims& shorter = a.size() < b.size() ? a : b;
  Dims dims = a.size() < b.size() ? b : a;
  for (std::size_t i = 0; i < shorter.size(); i++) {
    int64_t& extent = dims[dims.size() - shorter.size() + i];
    if (extent != 1 && shorter[i] != 1 && extent != shorter[i])
      throw FormatError(fmt::format("[{}] and [{}] do not go together: each axis must be equal or 1",
                                    fmt::join(a, ","), fmt::join(b, ",")));
    if (extent == 1) extent = shorter[i];
  }
  return dims;
}

Constant FoldArithmetic(Incoming& in) {
  const char sign = SignOf(in.node().op_type());
  if (in.Count() > 2) in.Refuse(fmt::format("of {} constants", in.Count()));
  Constant a = in.Held(0), b = in.Held(1), y;
  if (sign == '^') b = AsFloats(std::move(b));
  if (a.kind != b.kind) throw FormatError("its inputs have different types");
  y.kind = a.kind, y.dims = JoinedDims(a.dims, b.dims);
  in.reading().budget.Take(y.Bytes());
  a = SpreadOver(std::move(a), y.dims), b = SpreadOver(std::move(b), y.dims);
  if (sign == '=') return Compare(in, a, b, std::move(y));
  for (std::size_t i = 0; i < a.floats.size(); i++) y.floats.push_back(Apply(sign, a.floats[i], b.floats[i]));
  for (std::size_t i = 0; i < a.integers.size(); i++) {
    y.integers.push_back(Apply(sign, a.integers[i], b.integers[i]));
    y.batch.push_back(BatchOf(in, sign, CountsBatches(a, i), CountsBatches(b, i)));
  }
  return y;
}

Constant FoldWhere(Incoming& in) {
  Constant which = in.Held(0), a = in.Held(1), b = in.Held(2), y;
  if (which.kind != Kind::kInteger || a.kind != b.kind) throw FormatError("its inputs have other types");
  y.kind = a.kind, y.dims = JoinedDims(which.dims, JoinedDims(a.dims, b.dims));
  in.reading().budget.Take(y.Bytes());
  which = SpreadOver(std::move(which), y.dims);
  a = SpreadOver(std::move(a), y.dims), b = SpreadOver(std::move(b), y.dims);
  for (std::size_t i = 0; i < which.integers.size(); i++) {
    const Constant& from = which.integers[i] != 0 ? a : b;
    if (y.kind == Kind::kFloat) {
      y.floats.push_back(from.floats[i]);
    } else {
      y.integers.push_back(from.integers[i]);
      y.batch.push_back(CountsBatches(from, i));
    }
  }
  return y;
}

Constant FoldFunction(Incoming& in) {
  const Function& function = RowOf(kFunctions, in.node().op_type());
  Constant x = in.Held(0);
  if (x.kind == Kind::kInteger && in.node().op_type() != "Neg") in.Refuse("of integers");
  in.reading().budget.Take(x.Bytes());
  for (int64_t& v : x.integers) v = CheckedMultiply(v, -1);
  for (float& v : x.floats) v = static_cast<float>(function.of(static_cast<double>(v)));
  return x;
}

Constant FoldReduce(Incoming& in) {
  Constant x = in.Held(0);
  const Dims axes = in.IntegersFrom("axes", 1).value_or(Dims{});
  const bool keep = in.attributes().Integer("keepdims", 1) != 0,
             nothing = in.attributes().Integer("noop_with_empty_axes", 0) != 0;
  if (axes.empty() && nothing) return x;
  Dims ones = x.dims, left;
  for (const int64_t axis : axes) ones[static_cast<std::size_t>(AxisOf(axis, ones.size()))] = 1;
  if (axes.empty()) std::fill(ones.begin(), ones.end(), 1);
  for (std::size_t i = 0; i < ones.size(); i++) {
    const bool reduced = axes.empty() || std::any_of(axes.begin(), axes.end(), [&](int64_t axis) {
                           return AxisOf(axis, ones.size()) == static_cast<int64_t>(i);
                         });
    if (keep || !reduced) left.push_back(ones[i]);
  }
  Constant y;
  y.kind = x.kind, y.dims = ones;
  in.reading().budget.Take(y.Bytes());
  const Dims steps = SpreadSteps(ones, x.dims);
  if (x.kind == Kind::kFloat) {
    ReduceFloats(RowOf(kReducings, in.node().op_type()), x, steps, y);
  } else {
    ReduceIntegers(in, x, steps, y);
  }
  y.dims = left;
  return y;
}

Constant FoldMatMul(Incoming& in) {
  const Constant a = in.Held(0), b = in.Held(1);
  if (a.kind != Kind::kFloat || b.kind != Kind::kFloat) throw FormatError("its inputs are not floats");
  for (const Constant* side : {&a, &b}) {
    if (side->dims.empty() || side->dims.size() > 2)
      in.Refuse(fmt::format("a product of constants of {} axes", side->dims.size()));
  }
  const int64_t rows = a.dims.size() == 2 ? a.dims[0] : 1, depth = a.dims.back(),
                columns = b.dims.size() == 2 ? b.dims[1] : 1;
  if (b.dims[0] != depth)
    throw FormatError(fmt::format("[{}] times [{}]: the inner axes differ", fmt::join(a.dims, ","),
                                  fmt::join(b.dims, ",")));
  in.reading().budget.Take(
      CheckedMultiply(CheckedMultiply(rows, columns), CheckedMultiply(std::max<int64_t>(depth, 1), 8)));
  Constant y;
  if (a.dims.size() == 2) y.dims.push_back(rows);
  if (b.dims.size() == 2) y.dims.push_back(columns);
  for (int64_t i = 0; i < rows; i++) {
    for (int64_t j = 0; j < columns; j++) {
      double sum = 0;
      for (int64_t k = 0; k < depth; k++)
        sum += static_cast<double>(a.floats[static_cast<std::size_t>(i * depth + k)]) *
               static_cast<double>(b.floats[static_cast<std::size_t>(k * columns + j)]);
      y.floats.push_back(static_cast<float>(sum));
    }
  }
  return y;
}

Constant FoldCast(Incoming& in) {
  using proto::TensorProto;
  const int64_t to = in.attributes().Integer("to", TensorProto::FLOAT);
  in.attributes().Ignore("saturate");
  const bool to_float = to == TensorProto::FLOAT || to == TensorProto::DOUBLE;
  if (!to_float && to != TensorProto::INT64 && to != TensorProto::INT32)
    in.Refuse("constants are cast to floats, int32 and int64 alone");
  if (to_float && in.constant(0).stored && in.constant(0).kind == Kind::kFloat) return in.constant(0);
  Constant x = in.Held(0);
  if (to_float) {
    if (x.HasBatch()) in.Refuse("it computes with the size of the batch");
    return AsFloats(std::move(x));
  }
  if (x.kind == Kind::kFloat) {
    for (const float v : x.floats) {
      if (!(std::abs(v) < 0x1p62f)) throw FormatError("a number is too large for an integer");
      x.integers.push_back(static_cast<int64_t>(v));
    }
    x.kind = Kind::kInteger, x.floats.clear();
  }
  return x;
}

}  // namespace fovea::onnx
