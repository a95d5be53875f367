#include "fovea/formats/onnx/fold.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "fovea/base/checked.h"
#include "fovea/formats/onnx/fold_arithmetic.h"
#include "fovea/formats/onnx/fold_moves.h"
#include "fovea/formats/onnx/incoming.h"
#include "fovea/formats/onnx/walk.h"

namespace fovea::onnx {
namespace {

using Dims = std::vector<int64_t>;
using Kind = Constant::Kind;

Constant Integers(Dims values) {
  Constant c;
  c.kind = Kind::kInteger;
  c.dims = {static_cast<int64_t>(values.size())};
  c.integers = std::move(values);
  return c;
}

Constant FoldConstant(Incoming& in) {
  const Attributes& attributes = in.attributes();
  if (const auto* tensor = attributes.Tensor("value")) {
    in.reading().budget.Take(static_cast<int64_t>(tensor->ByteSizeLong()));
    return ConstantFrom(*tensor, in.reading().sources);
  }
  Constant c;
  if (attributes.Has("value_int") || attributes.Has("value_ints")) {
    const auto list = attributes.Has("value_ints") ? *attributes.Integers("value_ints")
                                                   : Dims{attributes.Integer("value_int", 0)};
    c = Integers(list);
  } else if (attributes.Has("value_floats")) {
    c.floats = *attributes.Numbers("value_floats");
    c.dims = {static_cast<int64_t>(c.floats.size())};
  } else {
    if (!attributes.Has("value_float")) in.Refuse("its value is neither a tensor nor numbers");
    c.floats = {static_cast<float>(attributes.Number("value_float", 0))};
  }
  if (attributes.Has("value_int") || attributes.Has("value_float")) c.dims.clear();
  return c;
}

// The batch is 1 times the size of the batch.
Constant FoldShape(Incoming& in) {
  Constant shape = Integers(in.IsConstant(0) ? in.constant(0).dims : in.Dims(in.value(0)));
  if (!in.IsConstant(0)) shape.batch.assign(shape.integers.size(), false), shape.batch[0] = true;
  const auto rank = static_cast<int64_t>(shape.integers.size());
  const auto bound = [&](const char* name, int64_t otherwise) {
    const int64_t at = in.attributes().Integer(name, otherwise);
    return std::clamp(at < 0 ? at + rank : at, int64_t{0}, rank);
  };
  const int64_t start = bound("start", 0), end = std::max(start, bound("end", rank));
  std::vector<int64_t> places(static_cast<std::size_t>(end - start));
  std::iota(places.begin(), places.end(), start);
  return Pick(in, shape, {end - start}, places);
}

Constant FoldConstantOfShape(Incoming& in) {
  const Constant shape = in.Held(0);
  if (shape.HasBatch()) in.Refuse("its shape depends on the batch");
  Constant value;
  value.floats = {0};
  if (const auto* tensor = in.attributes().Tensor("value"))
    value = Held(ConstantFrom(*tensor, in.reading().sources));
  if (value.size() != 1) throw FormatError("its value is not one number");
  const Dims& dims = shape.integers;
  if (dims.size() > 8 || std::any_of(dims.begin(), dims.end(), [](int64_t e) { return e < 0; }))
    throw FormatError(fmt::format("its shape is [{}]", fmt::join(dims, ",")));
  const int64_t size = Product(dims, 0, dims.size());
  in.reading().budget.Take(CheckedMultiply(size, 8));
  return Pick(in, value, dims, std::vector<int64_t>(static_cast<std::size_t>(size), 0));
}

Constant FoldUnsqueeze(Incoming& in) {
  Constant x = in.Held(0);
  auto axes = in.IntegersFrom("axes", 1).value_or(Dims{});
  const std::size_t rank = x.dims.size() + axes.size();
  if (rank > 8) in.Refuse("it makes more than 8 axes");
  for (int64_t& axis : axes) axis = AxisOf(axis, rank);
  std::sort(axes.begin(), axes.end());
  for (const int64_t axis : axes) {
    if (axis > static_cast<int64_t>(x.dims.size())) throw FormatError("an axis is there twice");
    x.dims.insert(x.dims.begin() + axis, 1);
  }
  return x;
}

Constant FoldSqueeze(Incoming& in) {
  Constant x = in.Held(0);
  auto axes = in.IntegersFrom("axes", 1);
  Dims dims;
  for (std::size_t i = 0; i < x.dims.size(); i++) {
    bool gone = x.dims[i] == 1 && !axes;
    for (const int64_t axis : axes.value_or(Dims{}))
      gone = gone || AxisOf(axis, x.dims.size()) == static_cast<int64_t>(i);
    if (gone && x.dims[i] != 1) throw FormatError(fmt::format("axis {} has the extent {}", i, x.dims[i]));
    if (!gone) dims.push_back(x.dims[i]);
  }
  x.dims = dims;
  return x;
}

Constant FoldReshape(Incoming& in) {
  Constant x = in.Held(0);
  Dims to = in.IntegersFrom("shape", 1).value_or(Dims{});
  in.attributes().Ignore("allowzero");
  int64_t given = 1;
  for (std::size_t i = 0; i < to.size(); i++) {
    if (to[i] == 0 && i < x.dims.size()) to[i] = x.dims[i];
    if (to[i] != -1) given = CheckedMultiply(given, to[i]);
  }
  for (int64_t& extent : to) {
    if (extent == -1 && given > 0) extent = x.size() / given, given *= extent;
  }
  if (to.size() > 8 || given != x.size() ||
      std::any_of(to.begin(), to.end(), [](int64_t e) { return e < 0; }))
    throw FormatError("its shape does not hold its values");
  x.dims = to;
  in.reading().budget.Take(x.Bytes());
  return x;
}

Constant FoldIdentity(Incoming& in) {
  if (!in.constant(0).stored) in.reading().budget.Take(in.constant(0).Bytes());
  return in.constant(0);
}

Constant FoldTranspose(Incoming& in) {
  Constant x = in.constant(0);
  const std::size_t rank = x.dims.size();
  Dims counted(rank);
  std::iota(counted.begin(), counted.end(), 0);
  const Dims order = in.attributes().Integers("perm").value_or(Dims(counted.rbegin(), counted.rend()));
  Dims sorted = order, dims(rank), steps(rank);
  std::sort(sorted.begin(), sorted.end());
  if (sorted != counted) throw FormatError("its perm is not one");
  const Dims dense = DenseSteps(x.dims);
  for (std::size_t i = 0; i < rank; i++) {
    const auto from = static_cast<std::size_t>(order[i]);
    dims[i] = x.dims[from], steps[i] = dense[from];
  }
  if (order == counted) return FoldIdentity(in);
  if (!x.stored || x.kind != Kind::kFloat || rank != 2) {
    in.reading().budget.Take(x.Bytes());
    return Stepped(in.Held(0), dims, steps);
  }
  x.dims = dims, x.turned = !x.turned;
  return x;
}

Constant FoldExpand(Incoming& in) {
  const Constant x = in.Held(0), to = in.Held(1);
  if (to.kind != Kind::kInteger || to.HasBatch()) in.Refuse("its shape depends on the batch");
  if (to.integers.size() > 8 ||
      std::any_of(to.integers.begin(), to.integers.end(), [](int64_t e) { return e < 0; }))
    throw FormatError(fmt::format("its shape is [{}]", fmt::join(to.integers, ",")));
  Constant y;
  y.dims = JoinedDims(x.dims, to.integers);
  in.reading().budget.Take(y.Bytes());
  return Stepped(x, y.dims, SpreadSteps(x.dims, y.dims));
}

Constant FoldRange(Incoming& in) {
  constexpr double kMost = 0x1p53;
  const Constant start = in.Held(0), limit = in.Held(1), step = in.Held(2);
  Constant y;
  y.kind = start.kind;
  std::vector<double> of;
  for (const Constant* c : {&start, &limit, &step}) {
    if (c->HasBatch()) in.Refuse("it counts to the size of the batch");
    if (c->size() != 1 || c->kind != y.kind)
      throw FormatError("its inputs are not three numbers of one type");
    of.push_back(y.kind == Kind::kFloat ? static_cast<double>(c->floats[0])
                                        : static_cast<double>(c->integers[0]));
  }
  const double count = of[2] == 0 ? kMost : std::max(0.0, std::ceil((of[1] - of[0]) / of[2]));
  const bool sound =
      count < kMost && std::all_of(of.begin(), of.end(), [](double v) { return std::abs(v) <= kMost; });
  if (!sound) throw FormatError(fmt::format("from {} to {} by {}", of[0], of[1], of[2]));
  y.dims = {static_cast<int64_t>(count)};
  in.reading().budget.Take(y.Bytes());
  for (int64_t i = 0; i < y.dims[0]; i++) {
    if (y.kind == Kind::kFloat) {
      y.floats.push_back(static_cast<float>(of[0] + static_cast<double>(i) * of[2]));
    } else {
      y.integers.push_back(CheckedAdd(start.integers[0], CheckedMultiply(i, step.integers[0])));
    }
  }
  return y;
}

struct Row {
  const char* onnx;
  Constant (*fold)(Incoming& in);
};
constexpr Row kRows[] = {{"Constant", FoldConstant},   {"ConstantOfShape", FoldConstantOfShape},
                         {"Gather", FoldGather},       {"Slice", FoldSlice},
                         {"Concat", FoldConcat},       {"Pad", FoldPad},
                         {"Split", FoldSplit},         {"Tile", FoldTile},
                         {"Range", FoldRange},         {"Unsqueeze", FoldUnsqueeze},
                         {"Squeeze", FoldSqueeze},     {"Reshape", FoldReshape},
                         {"Transpose", FoldTranspose}, {"Expand", FoldExpand},
                         {"Identity", FoldIdentity},   {"Cast", FoldCast},
                         {"Add", FoldArithmetic},      {"Sub", FoldArithmetic},
                         {"Mul", FoldArithmetic},      {"Div", FoldArithmetic},
                         {"Pow", FoldArithmetic},      {"Equal", FoldArithmetic},
                         {"Max", FoldArithmetic},      {"Min", FoldArithmetic},
                         {"Where", FoldWhere},         {"MatMul", FoldMatMul},
                         {"Abs", FoldFunction},        {"Ceil", FoldFunction},
                         {"Erf", FoldFunction},        {"Exp", FoldFunction},
                         {"Floor", FoldFunction},      {"Log", FoldFunction},
                         {"Neg", FoldFunction},        {"Reciprocal", FoldFunction},
                         {"Relu", FoldFunction},       {"Round", FoldFunction},
                         {"Sigmoid", FoldFunction},    {"Sign", FoldFunction},
                         {"Sqrt", FoldFunction},       {"Tanh", FoldFunction},
                         {"ReduceL1", FoldReduce},     {"ReduceL2", FoldReduce},
                         {"ReduceMax", FoldReduce},    {"ReduceMean", FoldReduce},
                         {"ReduceMin", FoldReduce},    {"ReduceProd", FoldReduce},
                         {"ReduceSum", FoldReduce},    {"ReduceSumSquare", FoldReduce}};

}  // namespace

bool Fold(Incoming& in) {
  const std::string& onnx = in.node().op_type();
  if (onnx == "Shape") {
    in.Give(FoldShape(in));
    return true;
  }
  const auto row =
      std::find_if(std::begin(kRows), std::end(kRows), [&](const Row& r) { return onnx == r.onnx; });
  if (row == std::end(kRows)) return false;
  for (int i = 0; i < in.Count(); i++) {
    if (in.Has(i) && !in.IsConstant(i)) return false;
  }
  in.Give(row->fold(in));
  return true;
}

bool IsFolded(const std::string& onnx) {
  return onnx == "Shape" ||
         std::any_of(std::begin(kRows), std::end(kRows), [&](const Row& row) { return onnx == row.onnx; });
}

std::vector<std::string> FoldedOperators() {
  std::vector<std::string> names{"Shape"};
  for (const Row& row : kRows) names.emplace_back(row.onnx);
  return names;
}

}  // namespace fovea::onnx
