// Folding of what moves values of constants, repeats them, leaves some out or puts others around them.
#include "fovea/formats/onnx/fold_moves.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <numeric>

#include "fovea/base/checked.h"
#include "fovea/formats/onnx/fold_arithmetic.h"
#include "fovea/formats/onnx/incoming.h"

namespace fovea::onnx {
namespace {

using Dims = std::vector<int64_t>;
using Kind = Constant::Kind;
constexpr int64_t kAround = -1;  // a place outside

Dims Counted(int64_t first, int64_t end) {
  Dims places(static_cast<std::size_t>(end - first));
  std::iota(places.begin(), places.end(), first);
  return places;
}

// All places of each axis.
std::vector<Dims> Whole(const Constant& x) {
  std::vector<Dims> kept;
  for (const int64_t extent : x.dims) kept.push_back(Counted(0, extent));
  return kept;
}

// The values at these places of each axis; what is around x is the last of its values, which is beyond its axes.
Constant Chosen(Incoming& in, const Constant& x, const std::vector<Dims>& kept) {
  Constant y;
  Dims from{0};
  for (const Dims& places : kept) y.dims.push_back(static_cast<int64_t>(places.size()));
  for (std::size_t axis = 0; axis < kept.size(); axis++) {
    Dims further;
    for (const int64_t outer : from) {
      for (const int64_t i : kept[axis])
        further.push_back(outer == kAround || i == kAround ? kAround : outer * x.dims[axis] + i);
    }
    from = std::move(further);
  }
  std::replace(from.begin(), from.end(), kAround, x.size());
  return Pick(in, x, y.dims, from);
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

// Where so many numbers along each axis are asked for, their memory is taken before there are any.
void TakeRoom(Incoming& in, const Dims& dims) {
  Constant asked;
  asked.dims = dims;
  in.reading().budget.Take(asked.Bytes());
}

}  // namespace

int64_t Product(const Dims& dims, std::size_t first, std::size_t last) {
  return std::accumulate(dims.begin() + static_cast<int64_t>(first),
                         dims.begin() + static_cast<int64_t>(last), int64_t{1}, CheckedMultiply);
}

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

Constant FoldSlice(Incoming& in) {
  const Constant x = in.Held(0);
  const auto starts = in.IntegersFrom("starts", 1), ends = in.IntegersFrom("ends", 2),
             axes = in.IntegersFrom("axes", 3), steps = in.IntegersFrom("steps", 4);
  const std::size_t count = starts ? starts->size() : 0, rank = x.dims.size();
  if (!starts || !ends || ends->size() != count || (axes ? axes->size() != count : count > rank) ||
      (steps && steps->size() != count))
    throw FormatError("its lists do not fit");
  std::vector<Dims> kept = Whole(x);
  for (std::size_t i = 0; i < count; i++) {
    const auto axis = static_cast<std::size_t>(axes ? AxisOf((*axes)[i], rank) : static_cast<int64_t>(i));
    kept[axis] = Places((*starts)[i], (*ends)[i], steps ? (*steps)[i] : 1, x.dims[axis]);
  }
  return Chosen(in, x, kept);
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

Constant FoldTile(Incoming& in) {
  const Constant x = in.Held(0), times = in.Held(1);
  if (times.HasBatch()) in.Refuse("it repeats as often as there are images");
  const Dims& repeats = times.integers;
  if (repeats.size() != x.dims.size() ||
      std::any_of(repeats.begin(), repeats.end(), [](int64_t r) { return r < 0; }))
    throw FormatError(fmt::format("its repeats are [{}]", fmt::join(repeats, ",")));
  Dims dims;
  for (std::size_t axis = 0; axis < repeats.size(); axis++)
    dims.push_back(CheckedMultiply(std::max<int64_t>(x.dims[axis], 1), repeats[axis]));
  TakeRoom(in, dims);
  std::vector<Dims> kept(repeats.size());
  for (std::size_t axis = 0; axis < repeats.size(); axis++) {
    for (int64_t i = 0; i < x.dims[axis] * repeats[axis]; i++) kept[axis].push_back(i % x.dims[axis]);
  }
  return Chosen(in, x, kept);
}

Constant FoldPad(Incoming& in) {
  Constant x = in.Held(0);
  const auto pads = in.IntegersFrom("pads", 1);
  const std::string mode = in.attributes().Text("mode", "constant");
  if (mode != "constant" || in.Has(3)) in.Refuse("constants are padded with one number, along all axes");
  const std::size_t rank = x.dims.size();
  if (!pads || pads->size() != 2 * rank) throw FormatError("its pads are not two for each axis");
  Dims dims = x.dims;
  for (std::size_t i = 0; i < pads->size(); i++)
    dims[i % rank] = CheckedAdd(dims[i % rank], std::max<int64_t>((*pads)[i], 0));
  TakeRoom(in, dims);
  std::vector<Dims> kept = Whole(x);
  for (std::size_t axis = 0; axis < rank; axis++) {
    const int64_t before = (*pads)[axis], after = (*pads)[rank + axis], extent = x.dims[axis],
                  first = -std::clamp<int64_t>(before, -extent, 0),
                  end = std::max(first, extent + std::clamp<int64_t>(after, -extent, 0));
    kept[axis] = Counted(first, end);
    kept[axis].insert(kept[axis].begin(), static_cast<std::size_t>(std::max<int64_t>(before, 0)), kAround);
    kept[axis].insert(kept[axis].end(), static_cast<std::size_t>(std::max<int64_t>(after, 0)), kAround);
  }
  Constant around;
  around.kind = x.kind, around.floats = {static_cast<float>(in.attributes().Number("value", 0))};
  around.integers = {0};
  if (in.Has(2)) around = in.Held(2);
  if (around.kind != x.kind || around.size() != 1)
    throw FormatError("what it puts around is no number of its type");
  const int64_t size = x.size();
  if (x.kind == Kind::kFloat) x.floats.push_back(around.floats[0]);
  if (x.kind == Kind::kInteger) x.integers.push_back(around.integers[0]);
  if (around.HasBatch()) in.Refuse("it puts the size of the batch around");
  if (!x.batch.empty()) x.batch.resize(static_cast<std::size_t>(size) + 1);
  return Chosen(in, x, kept);
}

Dims PartsOf(Incoming& in, int64_t extent) {
  const int outputs = in.node().output_size();
  if (in.attributes().Integer("num_outputs", outputs) != outputs)
    throw FormatError("num_outputs is not how many there are");
  Dims sizes = in.IntegersFrom("split", 1).value_or(Dims{});
  const int64_t part = (extent + outputs - 1) / outputs;
  for (int i = 0; sizes.size() < static_cast<std::size_t>(outputs); i++)
    sizes.push_back(std::clamp<int64_t>(extent - i * part, 0, part));
  if (sizes.size() != static_cast<std::size_t>(outputs))
    throw FormatError(fmt::format("it has {} outputs for {} parts", outputs, sizes.size()));
  int64_t left = extent;
  for (const int64_t size : sizes) {
    if (size < 0 || size > left)
      throw FormatError(fmt::format("its parts [{}] are not those of {}", fmt::join(sizes, ","), extent));
    left -= size;
  }
  if (left != 0)
    throw FormatError(fmt::format("its parts [{}] leave {} of {}", fmt::join(sizes, ","), left, extent));
  return sizes;
}

Constant FoldSplit(Incoming& in) {
  const Constant x = in.Held(0);
  const auto axis = static_cast<std::size_t>(AxisOf(in.attributes().Integer("axis", 0), x.dims.size()));
  const Dims sizes = PartsOf(in, x.dims[axis]);
  std::vector<Dims> kept = Whole(x);
  Constant first;
  int64_t start = 0;
  for (int i = 0; i < in.node().output_size(); i++) {
    const int64_t end = start + sizes[static_cast<std::size_t>(i)];
    kept[axis] = Counted(start, end);
    if (i == 0) first = Chosen(in, x, kept);
    if (i > 0 && in.IsRead(i)) in.Give(Chosen(in, x, kept), i);
    start = end;
  }
  return first;
}

}  // namespace fovea::onnx
