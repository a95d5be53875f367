#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "fovea/base/checked.h"
#include "fovea/formats/onnx/fold_arithmetic.h"
#include "fovea/formats/onnx/incoming.h"
#include "fovea/formats/onnx/operators.h"

namespace fovea::onnx {
namespace {

using Dims = std::vector<int64_t>;

std::string Text(const Dims& dims) {
  return fmt::format("Nx{}", fmt::join(dims.begin() + 1, dims.end(), "x"));
}

// Whether two nodes behind this one, a Transpose and a Reshape, make it a shuffle of g groups of channels: (N,C,...) as
// (N,g,C/g,...) as (N,C/g,g,...) as (N,C,...).
bool ReadShuffle(Incoming& in, const Dims& from, const Dims& to) {
  const bool groups = to.size() == from.size() + 1 && from.size() >= 3 && to[1] * to[2] == from[1] &&
                      std::equal(from.begin() + 2, from.end(), to.begin() + 3);
  const proto::NodeProto* turn = groups ? in.OnlyReader() : nullptr;
  if (turn == nullptr || turn->op_type() != "Transpose") return false;
  Dims swap(to.size());
  for (std::size_t i = 0; i < swap.size(); i++) swap[i] = static_cast<int64_t>(i);
  std::swap(swap[1], swap[2]);
  const proto::NodeProto* back = in.OnlyReaderOf(*turn);
  if (Attributes(*turn).Integers("perm") != swap || back == nullptr) return false;
  if (!AsksFor(in, *back, from)) return false;
  in.Absorb(*turn);
  in.Absorb(*back);
  in.Give(in.Add("channel_shuffle", {{"groups", to[1]}}, {in.value(0)}));
  return true;
}

bool IsAll(const Constant* c, float value) {
  if (c == nullptr || c->stored) return false;
  return !c->floats.empty() &&
         std::all_of(c->floats.begin(), c->floats.end(), [&](float v) { return v == value; });
}

// The constant with a value for each of `count` channels of a map that the only reader of a node, a Mul or an Add, joins to its output.
const Constant* ChannelsOf(const Incoming& in, const proto::NodeProto& node, const char* onnx, int64_t count,
                           const proto::NodeProto*& reader) {
  reader = in.OnlyReaderOf(node);
  if (reader == nullptr || reader->op_type() != onnx || reader->input_size() != 2) return nullptr;
  const Constant* found = in.FindConstant(reader->input(reader->input(0) == node.output(0) ? 1 : 0));
  const bool fits = found != nullptr && found->kind == Constant::Kind::kFloat && found->size() == count &&
                    found->dims.size() >= 3 && found->dims[found->dims.size() - 3] == count;
  return fits ? found : nullptr;
}

// Whether the nodes behind this one, (N,C,...) as (N,g,-1), make it a group norm, as PyTorch spells it: an instance norm
// with scale 1 and bias 0, back to (N,C,...), and perhaps a Mul and an Add with a value for each channel.
bool ReadGroupNorm(Incoming& in, const Dims& from, const Dims& to) {
  const proto::NodeProto* norm =
      to.size() == 3 && from.size() == 4 && from[1] % to[1] == 0 ? in.OnlyReader() : nullptr;
  if (norm == nullptr || norm->op_type() != "InstanceNormalization" || norm->input_size() != 3) return false;
  const proto::NodeProto *back = in.OnlyReaderOf(*norm), *scale = nullptr, *shift = nullptr;
  if (back == nullptr || !AsksFor(in, *back, from) || !IsAll(in.FindConstant(norm->input(1)), 1) ||
      !IsAll(in.FindConstant(norm->input(2)), 0))
    return false;
  in.Absorb(*norm);
  in.Absorb(*back);
  const double eps = Attributes(*norm).Number("epsilon", 1e-5);
  const Constant* weight = ChannelsOf(in, *back, "Mul", from[1], scale);
  const Constant* bias = weight == nullptr ? nullptr : ChannelsOf(in, *scale, "Add", from[1], shift);
  std::vector<Weight> weights;
  if (bias != nullptr) {
    in.Absorb(*scale);
    in.Absorb(*shift);
    weights = {{"weight", weight}, {"bias", bias}};
  }
  in.Give(in.Add("group_norm", {{"groups", to[1]}, {"eps", eps}, {"affine", bias != nullptr}}, {in.value(0)},
                 weights));
  return true;
}

// The axes of Squeeze and Unsqueeze, counted from the front and in order.
Dims AxesOf(Incoming& in, int64_t rank) {
  auto axes = in.IntegersFrom("axes", 1);
  if (!axes) in.Refuse("it does not say which axes");
  for (int64_t& axis : *axes) {
    axis += axis < 0 ? rank : 0;
    if (axis < 0 || axis >= rank) throw FormatError(fmt::format("axis {} of {} axes", axis, rank));
    if (axis == 0) in.Refuse("it takes away or adds the axis of the batch");
  }
  std::sort(axes->begin(), axes->end());
  if (std::adjacent_find(axes->begin(), axes->end()) != axes->end())
    throw FormatError(fmt::format("an axis stands twice among {}", fmt::join(*axes, ", ")));
  return *axes;
}

// All that have the extent 1, but for the batch.
Dims AxesOfOne(const Dims& dims) {
  Dims axes;
  for (std::size_t axis = 1; axis < dims.size(); axis++) {
    if (dims[axis] == 1) axes.push_back(static_cast<int64_t>(axis));
  }
  return axes;
}

Dims FromTheFront(Dims places, int64_t extent) {
  for (int64_t& place : places) {
    if (place < -extent || place >= extent) throw FormatError(fmt::format("index {} of {}", place, extent));
    place += place < 0 ? extent : 0;
  }
  return places;
}

// The places of one axis of `extent`, in this order: a slice where they are evenly spaced, else a slice each, side by side.
Value AddPlaces(Incoming& in, Value x, int64_t axis, int64_t extent, const Dims& places) {
  const auto slice = [&](int64_t first, int64_t last, int64_t step) {
    const int64_t end = step > 0 ? last + 1 : last > 0 ? last - 1 : -(extent + 1);
    const Dims axes = axis == 1 ? Dims{} : Dims{axis}, steps = step == 1 ? Dims{} : Dims{step};
    const Value part = in.Add(
        "slice", {{"starts", Dims{first}}, {"ends", Dims{end}}, {"axes", axes}, {"steps", steps}}, {x});
    return Value{part.number, x.rank};
  };
  const int64_t step = places.size() > 1 ? places[1] - places[0] : 1;
  const auto uneven =
      std::adjacent_find(places.begin(), places.end(), [&](int64_t a, int64_t b) { return b - a != step; });
  if (step != 0 && uneven == places.end()) return slice(places.front(), places.back(), step);
  std::vector<Value> parts;
  for (const int64_t place : places) parts.push_back(slice(place, place, 1));
  return {in.Add("concat", {{"axis", axis}}, parts).number, x.rank};
}

// The extents that a Reshape asks for, with batch 1.
Dims Target(Incoming& in, const Dims& from) {
  const bool zeros = in.attributes().Integer("allowzero", 0) != 0;
  Constant target;
  if (in.attributes().Has("shape")) {
    target.integers = *in.attributes().Integers("shape");
  } else {
    target = in.Held(1);
  }
  Dims to = target.integers;
  if (to.empty() || to.size() > Shape::kMaxRank) in.Refuse(fmt::format("its shape has {} axes", to.size()));
  int64_t size = 1, given = 1;
  std::size_t open = to.size();
  for (const int64_t extent : from) size *= extent;
  for (std::size_t i = 0; i < to.size(); i++) {
    const bool batches = !target.batch.empty() && target.batch[i];
    if (i == 0 && (to[i] == in.reading().batch || (batches && to[i] == 1))) {
      to[i] = 1;
    } else if (batches) {
      in.Refuse("it moves the batch to another axis");
    }
    if (to[i] == 0 && !zeros) {
      if (i >= from.size()) throw FormatError(fmt::format("it keeps axis {} of {}", i, Text(from)));
      to[i] = from[i];
    }
    if (to[i] == -1) {
      if (open != to.size()) throw FormatError("it leaves two axes open");
      open = i;
      continue;
    }
    if (to[i] <= 0) throw FormatError(fmt::format("it asks for the extent {}", to[i]));
    given = CheckedMultiply(given, to[i]);
  }
  if (open != to.size()) to[open] = size / given, given *= to[open];
  if (given != size || to[0] != 1) {
    in.Refuse(fmt::format("it makes [{}] of {}: the batch must stay the first axis",
                          fmt::join(target.integers, ","), Text(from)));
  }
  return to;
}

}  // namespace

bool AsksFor(const Incoming& in, const proto::NodeProto& node, const Dims& extents) {
  const Constant* shape =
      node.op_type() == "Reshape" && node.input_size() == 2 ? in.FindConstant(node.input(1)) : nullptr;
  if (shape == nullptr || shape->integers.size() != extents.size()) return false;
  for (std::size_t i = 1; i < extents.size(); i++) {
    if (shape->integers[i] != extents[i] && shape->integers[i] != -1) return false;
  }
  return true;
}

Value Reshaped(Incoming& in, Value x, const Dims& to) {
  Dims map = to;
  if (map.size() == 3) map.insert(map.begin() + 2, 1);
  const Shape from = in.reading().network.ShapeOf(x.number, 1), wanted(map);
  const auto rank = static_cast<int>(to.size());
  if (from == wanted) return {x.number, rank};
  if (rank == 2) return in.Add("flatten", {}, {x});
  return {in.Add("reshape", {{"shape", Dims(map.begin() + 1, map.end())}}, {x}).number, rank};
}

void ReadFlatten(Incoming& in) {
  const Value x = in.value(0);
  const int64_t axis = in.attributes().Integer("axis", 1);
  if ((axis < 0 ? axis + x.rank : axis) != 1) in.Refuse(fmt::format("axis={}; only 1 is supported", axis));
  in.Give(in.Add("flatten", {}, {x}));
}

void ReadReshape(Incoming& in) {
  const Dims from = in.Dims(in.value(0)), to = Target(in, from);
  if (!ReadShuffle(in, from, to) && !ReadGroupNorm(in, from, to)) in.Give(Reshaped(in, in.value(0), to));
}

void ReadSqueeze(Incoming& in) {
  Dims dims = in.Dims(in.value(0));
  const Dims axes =
      in.IntegersFrom("axes", 1) ? AxesOf(in, static_cast<int64_t>(dims.size())) : AxesOfOne(dims);
  for (auto axis = axes.rbegin(); axis != axes.rend(); ++axis) {
    if (dims[static_cast<std::size_t>(*axis)] != 1)
      throw FormatError(fmt::format("axis {} of {} is not 1", *axis, Text(dims)));
    dims.erase(dims.begin() + *axis);
  }
  in.Give(Reshaped(in, in.value(0), dims));
}

void ReadSqueezeOfOne(Incoming& in) {
  const auto axes = in.attributes().Integers("axes");
  const Dims dims = in.Dims(in.value(0));
  if (!axes || axes->size() != 1) throw FormatError("it does not say which axis");
  const bool one = dims[static_cast<std::size_t>(AxisOf((*axes)[0], dims.size()))] == 1;
  one ? ReadSqueeze(in) : in.Give(in.value(0));
}

void ReadUnsqueeze(Incoming& in) {
  Dims dims = in.Dims(in.value(0));
  const auto axes = in.IntegersFrom("axes", 1);
  const auto rank = static_cast<int64_t>(dims.size() + (axes ? axes->size() : 0));
  if (rank > Shape::kMaxRank) in.Refuse(fmt::format("it makes {} axes", rank));
  for (const int64_t axis : AxesOf(in, rank)) {
    if (axis > static_cast<int64_t>(dims.size()))
      throw FormatError(fmt::format("axis {} of {}", axis, Text(dims)));
    dims.insert(dims.begin() + axis, 1);
  }
  in.Give(Reshaped(in, in.value(0), dims));
}

void ReadGather(Incoming& in) {
  const Value x = in.value(0);
  Dims dims = in.Dims(x);
  const int64_t given = in.attributes().Integer("axis", 0), axis = in.NetworkAxis(x, given);
  const auto at = dims.begin() + (given < 0 ? given + x.rank : given);
  const Constant places = in.Held(1);
  if (places.kind != Constant::Kind::kInteger || places.dims.size() > 1 || places.integers.empty())
    in.Refuse(fmt::format("indices of {} axes; one, or a list", places.dims.size()));
  const Value y = AddPlaces(in, x, axis, *at, FromTheFront(places.integers, *at));
  if (places.dims.size() == 1) return in.Give(y);
  dims.erase(at);
  in.Give(Reshaped(in, y, dims));
}

void ReadTranspose(Incoming& in) {
  const Value x = in.value(0);
  const Dims order = in.attributes().Integers("perm").value_or(Dims{});
  if (static_cast<int>(order.size()) != x.rank || order[0] != 0)
    in.Refuse(fmt::format("perm [{}] moves the batch", fmt::join(order, ",")));
  Dims perm;
  for (int i = 1; i < in.reading().network.ShapeOf(x.number, 1).rank(); i++) perm.push_back(i);
  const Dims still = perm;
  for (int i = 1; i < x.rank; i++) {
    perm[static_cast<std::size_t>(in.NetworkAxis(x, i) - 1)] =
        in.NetworkAxis(x, order[static_cast<std::size_t>(i)]);
  }
  if (perm == still) return in.Give(x);
  in.Give(Value{in.Add("transpose", {{"perm", perm}}, {x}).number, x.rank});
}

}  // namespace fovea::onnx
