// Operators that move numbers, or make many into one, along axes behind the batch.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "fovea/formats/onnx/fold_arithmetic.h"
#include "fovea/formats/onnx/fold_moves.h"
#include "fovea/formats/onnx/incoming.h"
#include "fovea/formats/onnx/operators.h"

namespace fovea::onnx {
namespace {

using Dims = std::vector<int64_t>;
constexpr int64_t kFar = int64_t{1} << 40;  // beyond any extent

Dims Counted(int64_t first, std::size_t count) {
  Dims axes(count);
  std::iota(axes.begin(), axes.end(), first);
  return axes;
}

// A slice along one network's axis or several; what says nothing is left out.
Value AddSlice(Incoming& in, Dims starts, Dims ends, Dims axes, Dims steps) {
  if (axes == Counted(1, axes.size())) axes.clear();
  if (std::all_of(steps.begin(), steps.end(), [](int64_t s) { return s == 1; })) steps.clear();
  for (Dims* list : {&starts, &ends}) {
    for (int64_t& at : *list) at = std::clamp(at, -kFar, kFar);
  }
  const Value x = in.value(0);
  return {in.Add("slice", {{"starts", starts}, {"ends", ends}, {"axes", axes}, {"steps", steps}}, {x}).number,
          x.rank};
}

std::string Text(Incoming& in, const char* name, const std::string& otherwise,
                 std::initializer_list<const char*> known) {
  std::string value = in.attributes().Text(name, otherwise);
  if (std::none_of(known.begin(), known.end(), [&](const char* k) { return value == k; }))
    in.Refuse(fmt::format("{}=\"{}\"", name, value));
  return value;
}

float OneNumber(Incoming& in, int input) {
  const Constant c = in.Held(input);
  if (c.floats.size() != 1) in.Refuse(fmt::format("input {} is not one number", input));
  return c.floats[0];
}

// The factors of height and width, from factors for each axis.
std::pair<double, double> SpaceOf(Incoming& in, const std::vector<float>& scales, int rank) {
  if (static_cast<int>(scales.size()) != rank || scales[0] != 1 || scales[1] != 1)
    in.Refuse(fmt::format("scales [{}]; only height and width are resized", fmt::join(scales, ",")));
  return {rank == 4 ? Meant(scales[2]) : 1, Meant(scales.back())};
}

// Whether every reader of output 0 joins it to a value of these extents, over which it is spread without a word.
bool ReadersSpread(Incoming& in, const Dims& to) {
  const std::string& name = in.node().output(0);
  const auto& readers = in.reading().readers[name];
  return in.reading().output != name && std::all_of(readers.begin(), readers.end(), [&](const auto* reader) {
           const Operator* row = FindOperator(reader->op_type());
           if (row == nullptr || row->read != ReadArithmetic || reader->input_size() != 2) return false;
           const auto other = in.reading().operands.find(reader->input(reader->input(0) == name ? 1 : 0));
           return other != in.reading().operands.end() && !other->second.constant && !other->second.unknown &&
                  in.Dims(other->second.value) == to;
         });
}

}  // namespace

void ReadSlice(Incoming& in) {
  const Value x = in.value(0);
  auto starts = in.IntegersFrom("starts", 1), ends = in.IntegersFrom("ends", 2);
  if (!starts || !ends) throw FormatError("it lacks starts or ends");
  Dims axes = in.IntegersFrom("axes", 3).value_or(Counted(0, starts->size()));
  Dims steps = in.IntegersFrom("steps", 4).value_or(Dims(axes.size(), 1));
  for (const std::size_t size : {starts->size(), ends->size(), steps.size()}) {
    if (size != axes.size()) throw FormatError("its starts, ends, axes and steps are not as many");
  }
  constexpr int64_t kToTheEnd = (int64_t{1} << 31) - 1;
  for (std::size_t i = axes.size(); i-- > 0;) {
    const bool batch = axes[i] == 0 || axes[i] == -x.rank;
    if (!batch || (*starts)[i] != 0 || (*ends)[i] < kToTheEnd || steps[i] != 1) {
      axes[i] = in.NetworkAxis(x, axes[i]);
      continue;
    }
    for (Dims* list : {&*starts, &*ends, &axes, &steps}) list->erase(list->begin() + static_cast<int64_t>(i));
  }
  if (axes.empty()) return in.Give(x);
  in.Give(AddSlice(in, *starts, *ends, axes, steps));
}

void ReadSplit(Incoming& in) {
  const Value x = in.value(0);
  const int64_t axis = in.NetworkAxis(x, in.attributes().Integer("axis", 0));
  const int64_t extent = in.reading().network.ShapeOf(x.number, 1)[static_cast<int>(axis)];
  const Dims sizes = PartsOf(in, extent);
  int64_t start = 0;
  for (int i = 0; i < in.node().output_size(); i++) {
    const int64_t end = start + sizes[static_cast<std::size_t>(i)];
    if (in.IsRead(i)) in.Give(AddSlice(in, {start}, {end}, {axis}, {}), i);
    start = end;
  }
}

void ReadPad(Incoming& in) {
  Value x = in.value(0);
  const auto pads = in.IntegersFrom("pads", 1);
  const std::string mode = Text(in, "mode", "constant", {"constant", "reflect", "edge"});
  double value = in.attributes().Number("value", 0);
  if (in.Has(2)) value = static_cast<double>(OneNumber(in, 2));
  const Dims axes = in.IntegersFrom("axes", 3).value_or(Counted(0, static_cast<std::size_t>(x.rank)));
  if (!pads || pads->size() != 2 * axes.size()) throw FormatError("its pads are not two for each axis");
  Dims before(4), after(4), starts, ends, cut;
  for (std::size_t i = 0; i < axes.size(); i++) {
    const int64_t first = (*pads)[i], last = (*pads)[axes.size() + i];
    if (first == 0 && last == 0) continue;
    const int64_t axis = in.NetworkAxis(x, axes[i]);
    if (axis > 3) in.Refuse(fmt::format("pads [{}]", fmt::join(*pads, ",")));
    before[static_cast<std::size_t>(axis)] = std::max(first, int64_t{0});
    after[static_cast<std::size_t>(axis)] = std::max(last, int64_t{0});
    if (first >= 0 && last >= 0) continue;
    starts.push_back(first < 0 ? -std::max(first, -kFar) : 0), ends.push_back(last < 0 ? last : kFar);
    cut.push_back(axis);
  }
  if (!cut.empty()) x = AddSlice(in, starts, ends, cut, {});
  if (before == Dims(4) && after == Dims(4)) return in.Give(x);
  in.Give(in.Add("pad",
                 {{"padding", Dims{before[2], before[3], after[2], after[3]}},
                  {"front", before[1]},
                  {"back", after[1]},
                  {"mode", mode},
                  {"value", value}},
                 {x}));
}

void ReadReduce(Incoming& in) {
  std::string op;
  for (const Reduction& r : kReductions) op = in.node().op_type() == r.onnx ? r.op : op;
  const Value x = in.value(0);
  auto axes = in.IntegersFrom("axes", 1);
  if (!axes || axes->empty()) {
    if (in.attributes().Integer("noop_with_empty_axes", 0) != 0) return in.Give(x);
    in.Refuse("it reduces the batch too");
  }
  in.attributes().Ignore("noop_with_empty_axes");
  const bool keep = in.attributes().Integer("keepdims", 1) != 0, line = in.IsLine(x);
  for (int64_t& axis : *axes) axis = in.NetworkAxis(x, axis);
  std::sort(axes->begin(), axes->end());
  const bool space = line ? *axes == Dims{3} : x.rank == 4 && *axes == Dims{2, 3};
  if (line && !keep && !space) in.Refuse("it leaves a map of one dimension without its channels");
  if (space && (op == "mean" || op == "max")) {
    const Value y = in.Add(op == "mean" ? "global_avg_pool" : "global_max_pool", {}, {x});
    return in.Give(keep ? y : in.Add("flatten", {}, {y}));
  }
  if (line && !keep) *axes = {2, 3};
  in.Give(in.Add("reduce", {{"op", op}, {"axes", *axes}, {"keepdims", keep}}, {x}));
}

void ReadExpand(Incoming& in) {
  const Value x = in.value(0);
  const Constant shape = in.Held(1);
  const Dims from = in.Dims(x);
  Dims asked = shape.integers;
  for (std::size_t i = 0; i < asked.size(); i++) {
    if (asked[i] < 1) throw FormatError(fmt::format("it asks for the extent {}", asked[i]));
    const bool first = i == 0 && asked.size() == from.size(),
               batches = !shape.batch.empty() && shape.batch[i];
    if (first && asked[0] == (batches ? 1 : in.reading().batch)) {
      asked[0] = 1;
    } else if (batches || (first && asked[0] != 1) || asked.size() > from.size()) {
      in.Refuse("it repeats the batch, or moves it");
    }
  }
  const Dims to = JoinedDims(from, asked);
  if (to == from || ReadersSpread(in, to)) return in.Give(x);
  const bool space = (x.rank == 4 || in.IsLine(x)) && to[1] == from[1];
  if (!space) in.Refuse("it repeats channels or features for other readers than arithmetic with all of them");
  const Dims sizes{x.rank == 4 ? to[2] : 1, to.back()};
  in.Give(in.Add("resize",
                 {{"mode", std::string("nearest")},
                  {"coordinates", std::string("asymmetric")},
                  {"nearest", std::string("floor")},
                  {"sizes", sizes}},
                 {x}));
}

void ReadResize(Incoming& in) {
  const bool old = in.node().op_type() == "Upsample" || in.opset() < 11;
  const Value x = in.map();
  if (x.rank != 3 && x.rank != 4) in.Refuse(fmt::format("it resizes {} axes", x.rank));
  HyperList hypers;
  const std::string mode = Text(in, "mode", "nearest", {"nearest", "linear", "bilinear", "cubic"});
  hypers.push_back({"mode", mode == "bilinear" ? "linear" : mode});
  hypers.push_back({"coordinates", in.attributes().Text("coordinate_transformation_mode",
                                                        old ? "asymmetric" : "half_pixel")});
  hypers.push_back({"nearest", in.attributes().Text("nearest_mode", old ? "floor" : "round_prefer_floor")});
  hypers.push_back({"cubic_coeff_a", in.attributes().Number("cubic_coeff_a", -0.75)});
  hypers.push_back({"exclude_outside", in.attributes().Integer("exclude_outside", 0) != 0});
  if (std::get<std::string>(hypers[1].value) == "tf_crop_and_resize")
    in.Refuse("coordinate_transformation_mode=tf_crop_and_resize");
  in.attributes().Ignore("extrapolation_value");  // of tf_crop_and_resize
  if (in.attributes().Integer("antialias", 0) != 0) in.Refuse("antialias is on");
  if (in.attributes().Has("axes")) in.Refuse("attribute \"axes\": sizes and scales must name all axes");
  Text(in, "keep_aspect_ratio_policy", "stretch", {"stretch"});
  const int scales = old ? 1 : 2;
  if (in.Has(3)) {
    const Constant sizes = in.Held(3);
    const Dims from = in.Dims(x);
    const bool kept = static_cast<int>(sizes.integers.size()) == x.rank && sizes.integers[1] == from[1];
    if (!kept) in.Refuse("its sizes change the channels");
    const int64_t h = x.rank == 4 ? sizes.integers[2] : 1, w = sizes.integers.back();
    if (h < 1 || w < 1) throw FormatError(fmt::format("its sizes are {}x{}", h, w));
    hypers.push_back({"sizes", Dims{h, w}});
  } else {
    const auto list =
        in.attributes().Has("scales") ? *in.attributes().Numbers("scales") : in.Held(scales).floats;
    const auto [h, w] = SpaceOf(in, list, x.rank);
    if (old && mode == "nearest" && (h < 1 || w < 1))
      in.Refuse("it makes a map smaller by the rule of opset 10");
    hypers.push_back({"scale_h", h});
    hypers.push_back({"scale_w", w});
  }
  in.Give(in.Add("resize", std::move(hypers), {x}));
}

}  // namespace fovea::onnx
