#include "fovea/formats/onnx/fold.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <numeric>

#include "fovea/base/checked.h"
#include "fovea/formats/onnx/fold_arithmetic.h"
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

int64_t Product(const Dims& dims, std::size_t first, std::size_t last) {
  return std::accumulate(dims.begin() + static_cast<int64_t>(first),
                         dims.begin() + static_cast<int64_t>(last), int64_t{1}, CheckedMultiply);
}

// The values of x at `places`, in their order.
Constant Pick(Incoming& in, const Constant& x, Dims dims, const std::vector<int64_t>& places) {
  Constant y;
  y.kind = x.kind;
  y.dims = std::move(dims);
  in.reading().budget.Take(y.Bytes());
  for (const int64_t place : places) {
    const auto i = static_cast<std::size_t>(place);
    if (x.kind == Kind::kFloat) {
      y.floats.push_back(x.floats[i]);
    } else {
      y.integers.push_back(x.integers[i]);
      if (!x.batch.empty()) y.batch.push_back(x.batch[i]);
    }
  }
  return y;
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

Constant FoldGather(Incoming& in) {
  const Constant x = in.Held(0), indices = in.Held(1);
  if (indices.kind != Kind::kInteger || indices.HasBatch())
    in.Refuse("its indices are not constant integers");
  const auto axis = static_cast<std::size_t>(AxisOf(in.attributes().Integer("axis", 0), x.dims.size()));
  const int64_t extent = x.dims[axis], inner = Product(x.dims, axis + 1, x.dims.size());
  std::vector<int64_t> places;
  for (int64_t outer = 0; outer < Product(x.dims, 0, axis); outer++) {
    for (const int64_t index : indices.integers) {
      if (index < -extent || index >= extent) throw FormatError(fmt::format("index {} of {}", index, extent));
      in.reading().budget.Take(inner * 8);
      for (int64_t i = 0; i < inner; i++)
        places.push_back((outer * extent + (index < 0 ? index + extent : index)) * inner + i);
    }
  }
  Dims dims = x.dims;
  dims.erase(dims.begin() + static_cast<int64_t>(axis));
  dims.insert(dims.begin() + static_cast<int64_t>(axis), indices.dims.begin(), indices.dims.end());
  return Pick(in, x, dims, places);
}

// The places along one axis that start, end and step say.
Dims Places(int64_t start, int64_t end, int64_t step, int64_t extent) {
  if (step == 0) throw FormatError("its step is 0");
  const int64_t low = step < 0 ? -1 : 0, high = step < 0 ? extent - 1 : extent;
  const auto bound = [&](int64_t at) { return std::clamp(at < 0 ? at + extent : at, low, high); };
  const int64_t last = bound(end), stride = std::clamp(step, -extent - 1, extent + 1);
  Dims places;
  for (int64_t i = bound(start); step > 0 ? i < last : i > last; i += stride) places.push_back(i);
  return places;
}

Constant FoldSlice(Incoming& in) {
  const Constant x = in.Held(0);
  const auto starts = in.IntegersFrom("starts", 1), ends = in.IntegersFrom("ends", 2),
             axes = in.IntegersFrom("axes", 3), steps = in.IntegersFrom("steps", 4);
  const std::size_t count = starts ? starts->size() : 0, rank = x.dims.size();
  if (!starts || !ends || ends->size() != count || (axes ? axes->size() != count : count > rank) ||
      (steps && steps->size() != count))
    throw FormatError("its lists do not fit");
  Dims dims = x.dims, from{0};
  std::vector<Dims> kept(rank);
  for (std::size_t axis = 0; axis < rank; axis++) kept[axis] = Places(0, dims[axis], 1, dims[axis]);
  for (std::size_t i = 0; i < count; i++) {
    const auto axis = static_cast<std::size_t>(axes ? AxisOf((*axes)[i], rank) : static_cast<int64_t>(i));
    kept[axis] = Places((*starts)[i], (*ends)[i], steps ? (*steps)[i] : 1, x.dims[axis]);
  }
  for (std::size_t axis = 0; axis < rank; axis++) {
    dims[axis] = static_cast<int64_t>(kept[axis].size());
    Dims further;
    for (const int64_t outer : from) {
      for (const int64_t i : kept[axis]) further.push_back(outer * x.dims[axis] + i);
    }
    from = std::move(further);
  }
  return Pick(in, x, dims, from);
}

Constant FoldConcat(Incoming& in) {
  std::vector<Constant> parts;
  for (int i = 0; i < in.Count(); i++) parts.push_back(in.Held(i));
  if (parts.empty()) throw FormatError("it has no inputs");
  Constant y;
  y.kind = parts[0].kind, y.dims = parts[0].dims;
  const auto axis = static_cast<std::size_t>(AxisOf(in.attributes().Integer("axis", 0), y.dims.size()));
  y.dims[axis] = 0;
  for (Constant& part : parts) {
    Dims others = part.dims;
    if (axis < others.size()) others[axis] = y.dims[axis];
    if (part.kind != y.kind || others != y.dims) throw FormatError("its inputs differ in more than the axis");
    y.dims[axis] = CheckedAdd(y.dims[axis], part.dims[axis]);
    part.batch.resize(part.integers.size());
  }
  in.reading().budget.Take(y.Bytes());
  for (int64_t outer = 0; outer < Product(y.dims, 0, axis); outer++) {
    for (const Constant& part : parts) {
      const int64_t size = Product(part.dims, axis, part.dims.size());
      const auto add = [&](const auto& from, auto& to) {
        if (!from.empty())
          to.insert(to.end(), from.begin() + outer * size, from.begin() + (outer + 1) * size);
      };
      add(part.floats, y.floats), add(part.integers, y.integers), add(part.batch, y.batch);
    }
  }
  return y;
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

struct Row {
  const char* onnx;
  Constant (*fold)(Incoming& in);
};
constexpr Row kRows[] = {{"Constant", FoldConstant},   {"ConstantOfShape", FoldConstantOfShape},
                         {"Gather", FoldGather},       {"Slice", FoldSlice},
                         {"Concat", FoldConcat},       {"Unsqueeze", FoldUnsqueeze},
                         {"Squeeze", FoldSqueeze},     {"Reshape", FoldReshape},
                         {"Transpose", FoldTranspose}, {"Expand", FoldExpand},
                         {"Identity", FoldIdentity},   {"Cast", FoldCast},
                         {"Add", FoldArithmetic},      {"Sub", FoldArithmetic},
                         {"Mul", FoldArithmetic},      {"Div", FoldArithmetic},
                         {"Pow", FoldArithmetic},      {"Equal", FoldArithmetic},
                         {"Where", FoldWhere},         {"MatMul", FoldMatMul},
                         {"Abs", FoldFunction},        {"Ceil", FoldFunction},
                         {"Exp", FoldFunction},        {"Floor", FoldFunction},
                         {"Log", FoldFunction},        {"Neg", FoldFunction},
                         {"Reciprocal", FoldFunction}, {"Sqrt", FoldFunction},
                         {"ReduceL2", FoldReduce},     {"ReduceMax", FoldReduce},
                         {"ReduceMean", FoldReduce},   {"ReduceMin", FoldReduce},
                         {"ReduceProd", FoldReduce},   {"ReduceSum", FoldReduce}};

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
