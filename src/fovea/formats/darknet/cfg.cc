#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <numeric>

#include "fovea/base/error.h"
#include "fovea/base/file.h"
#include "fovea/base/suggest.h"
#include "fovea/formats/darknet/cfg_builder.h"

namespace fovea {
namespace {

constexpr int64_t kMaxCfg = 1 << 20;

using Extents = std::vector<int64_t>;

void ReadConvolution(CfgSection& s, CfgBuilder& net) {
  for (const char* key : {"binary", "xnor", "bin_output", "flipped", "dot", "assisted_excitation",
                          "antialiasing", "deform", "sway", "rotate", "stretch", "wait_stream"})
    s.Only(key, {0});
  s.Ignore({"stopbackward"});  // of training
  const int64_t size = s.Integer("size", 1, 1), stride = s.Integer("stride", 1, 1),
                dilation = s.Integer("dilation", 1, 1);
  const Extents strides = {s.Integer("stride_y", stride, 1), s.Integer("stride_x", stride, 1)};
  int64_t pad = s.Integer("padding", 0);
  if (s.Integer("pad", 0, 0, 1) == 1) pad = size / 2;
  // Darknet's rule for the size of the output knows no dilation.
  if (dilation > 1 && 2 * pad != size - 1)
    s.Fail(fmt::format("dilation={} needs pad=1 and an odd size", dilation));
  const bool norm = s.Integer("batch_normalize", 0, 0, 1) == 1;
  net.Add("conv", "conv2d",
          {{"filters", s.Integer("filters", 1, 1)},
           {"kernel", Extents{size, size}},
           {"stride", strides},
           {"padding", Extents(4, pad * dilation)},
           {"dilation", Extents{dilation, dilation}},
           {"groups", s.Integer("groups", 1, 1)},
           {"bias", !norm}});
  if (norm) net.Normalise();
  net.Activate(s.Text("activation", "logistic"));
}

void ReadConnected(CfgSection& s, CfgBuilder& net) {
  if (net.CurrentShape().rank() != 2) net.Add("flatten", "flatten");
  const bool norm = s.Integer("batch_normalize", 0, 0, 1) == 1;
  net.Add("connected", "linear", {{"features", s.Integer("output", 1, 1, 1 << 24)}, {"bias", !norm}});
  if (norm) net.Normalise();
  net.Activate(s.Text("activation", "logistic"));
}

// Of padding that darknet splits as floor(p/2) before and the rest behind, what some window reads.
Extents WindowPadding(const Shape& x, int64_t size, const Extents& strides, int64_t padding) {
  Extents before_and_after(4);
  for (int axis = 0; axis < 2; axis++) {
    const int64_t extent = x[axis + 2], stride = strides[static_cast<std::size_t>(axis)],
                  before = padding / 2;
    const int64_t windows = (extent + padding - size) / stride + 1;
    before_and_after[static_cast<std::size_t>(axis)] = before;
    before_and_after[static_cast<std::size_t>(axis + 2)] =
        std::max<int64_t>(0, (windows - 1) * stride + size - before - extent);
  }
  return before_and_after;
}

void ReadMaxPool(CfgSection& s, CfgBuilder& net) {
  for (const char* key : {"maxpool_depth", "antialiasing"}) s.Only(key, {0});
  s.Only("out_channels", {1});
  const int64_t stride = s.Integer("stride", 1, 1);
  const Extents strides = {s.Integer("stride_y", stride, 1), s.Integer("stride_x", stride, 1)};
  const int64_t size = s.Integer("size", stride, 1), padding = s.Integer("padding", size - 1);
  const Shape x = net.CurrentShape();
  if (x.rank() != 4 || x[2] + padding < size || x[3] + padding < size)
    s.Fail(fmt::format("a window of {} with padding {} does not fit {}", size, padding, x.ToString()));
  net.Add("maxpool", "max_pool2d",
          {{"kernel", Extents{size, size}},
           {"stride", strides},
           {"padding", WindowPadding(x, size, strides, padding)}});
}

void ReadAvgPool(CfgSection&, CfgBuilder& net) { net.Add("avgpool", "global_avg_pool"); }

void ReadDropout(CfgSection& s, CfgBuilder& net) {
  s.Only("dropblock", {0});
  net.Add("dropout", "dropout", {{"rate", s.Real("probability", 0.5)}});
}

// What a shortcut adds of `from`: every stride-th pixel of the channels that both have, nothing to the others.
int FittedTo(const Shape& to, int from, CfgSection& s, CfgBuilder& net) {
  const Shape x = net.ShapeOf(from);
  if (x == to) return from;
  const int64_t stride = to.rank() == 4 && x.rank() == 4 ? x[2] / std::max<int64_t>(to[2], 1) : 0;
  const auto subsampled = [&](int64_t extent) { return stride < 1 ? 0 : (extent - 1) / stride + 1; };
  if (subsampled(x[2]) != to[2] || subsampled(x[3]) != to[3])
    s.Fail(fmt::format("adds {} to {}: one must be a multiple of the other", x.ToString(), to.ToString()));
  if (stride > 1)
    from = net.Add("every", "max_pool2d", {{"kernel", Extents{1, 1}}, {"stride", Extents{stride, stride}}},
                   {from});
  if (x[1] > to[1])
    from = net.Add("some", "slice", {{"starts", Extents{0}}, {"ends", Extents{to[1]}}}, {from});
  if (x[1] < to[1]) from = net.Add("more", "pad", {{"back", to[1] - x[1]}}, {from});
  return from;
}

void ReadShortcut(CfgSection& s, CfgBuilder& net) {
  if (s.Text("weights_type", "none") != "none") s.Fail("weights_type is not supported");
  const Shape to = net.CurrentShape();
  std::vector<int> terms = {net.current()};
  for (const int64_t layer : s.Integers("from")) terms.push_back(FittedTo(to, net.OutputOf(layer), s, net));
  if (terms.size() < 2) s.Fail("from is missing");
  net.Add("shortcut", "add", {}, terms);
  net.Activate(s.Text("activation", "linear"));
}

void ReadRoute(CfgSection& s, CfgBuilder& net) {
  s.Only("stream", {-1, 0});
  const int64_t groups = s.Integer("groups", 1, 1), group = s.Integer("group_id", 0, 0, groups - 1);
  std::vector<int> parts;
  for (const int64_t layer : s.Integers("layers")) {
    int part = net.OutputOf(layer);
    const int64_t channels = net.ShapeOf(part)[1] / groups;
    if (groups > 1) {
      if (channels * groups != net.ShapeOf(part)[1])
        s.Fail(fmt::format("groups={} does not divide the channels", groups));
      part =
          net.Add(fmt::format("part{}", parts.size()).c_str(), "slice",
                  {{"starts", Extents{group * channels}}, {"ends", Extents{(group + 1) * channels}}}, {part});
    }
    parts.push_back(part);
  }
  if (parts.empty()) s.Fail("layers is missing");
  if (parts.size() == 1) {
    net.Pass(parts[0]);
  } else {
    net.Add("route", "concat", {}, parts);
  }
}

void ReadUpsample(CfgSection& s, CfgBuilder& net) {
  s.Only("scale", {1});
  const auto stride = static_cast<double>(s.Integer("stride", 2, 1, 64));
  net.Add("upsample", "resize",
          {{"scale_h", stride},
           {"scale_w", stride},
           {"coordinates", std::string("asymmetric")},
           {"nearest", std::string("floor")}});
}

// Darknet's reorg, see layers/space_to_depth.h.
void ReadReorg(CfgSection& s, CfgBuilder& net) {
  for (const char* key : {"reverse", "flatten", "extra"}) s.Only(key, {0});
  const int64_t b = s.Integer("stride", 1, 1);
  const Shape x = net.CurrentShape();
  if (x.rank() != 4 || x[1] % (b * b) != 0 || x[2] % b != 0 || x[3] % b != 0)
    s.Fail(fmt::format("stride={} does not divide {}", b, x.ToString()));
  net.Add("wide", "reshape", {{"shape", Extents{x[1] / (b * b), x[2] * b, x[3] * b}}});
  net.Add("blocks", "space_to_depth", {{"block", b}});
  net.Add("reorg", "reshape", {{"shape", Extents{x[1] * b * b, x[2] / b, x[3] / b}}});
}

void ReadScaleChannels(CfgSection& s, CfgBuilder& net) {
  s.Only("scale_wh", {0});
  const Extents from = s.Integers("from");
  if (from.size() != 1) s.Fail("from is not one layer");
  net.Add("scaled", "multiply", {}, {net.OutputOf(from[0]), net.current()});
  net.Activate(s.Text("activation", "linear"));
}

// The training of heads is darknet's own.
void IgnoreHeadTraining(CfgSection& s) {
  s.Ignore({"jitter",
            "rescore",
            "thresh",
            "ignore_thresh",
            "truth_thresh",
            "random",
            "resize",
            "bias_match",
            "softmax",
            "absolute",
            "object_scale",
            "noobject_scale",
            "class_scale",
            "coord_scale",
            "mask_scale",
            "iou_thresh",
            "cls_normalizer",
            "iou_normalizer",
            "obj_normalizer",
            "delta_normalizer",
            "iou_loss",
            "nms_kind",
            "beta_nms",
            "max_delta",
            "max",
            "objectness_smooth",
            "label_smooth_eps",
            "counters_per_class",
            "focal_loss"});
}

void AddHead(CfgSection& s, CfgBuilder& net, DetectionHead head, std::size_t boxes, int64_t each) {
  const int64_t needed = static_cast<int64_t>(boxes) * each;
  const Shape x = net.CurrentShape();
  if (x.rank() != 4 || x[1] != needed)
    s.Fail(fmt::format("{} boxes of {} numbers need {} channels, got {}", boxes, each, needed, x.ToString()));
  net.AddHead(std::move(head));
}

void ReadYolo(CfgSection& s, CfgBuilder& net) {
  IgnoreHeadTraining(s);
  DetectionHead head;
  head.type = "yolo";
  head.classes = s.Integer("classes", 20, 1);
  head.anchors = s.Reals("anchors");
  head.mask = s.Integers("mask");
  head.scale_x_y = s.Real("scale_x_y", 1);
  head.new_coords = s.Integer("new_coords", 0, 0, 1) == 1;
  const int64_t boxes = s.Integer("num", 1, 1);
  for (const int64_t box : head.mask)
    if (box < 0 || box >= boxes) s.Fail(fmt::format("mask names box {} of {}", box, boxes));
  // As darknet's make_yolo_layer has them.
  if (head.mask.empty()) {
    head.mask.resize(static_cast<std::size_t>(boxes));
    std::iota(head.mask.begin(), head.mask.end(), 0);
  }
  head.anchors.resize(static_cast<std::size_t>(boxes) * 2, 0.5);
  const std::size_t count = head.mask.size();
  const int64_t each = head.classes + 5;
  AddHead(s, net, std::move(head), count, each);
}

void ReadRegion(CfgSection& s, CfgBuilder& net) {
  IgnoreHeadTraining(s);
  DetectionHead head;
  head.type = "region";
  head.classes = s.Integer("classes", 20, 1);
  head.anchors = s.Reals("anchors");
  const int64_t each = head.classes + s.Integer("coords", 4, 1) + 1;
  AddHead(s, net, std::move(head), static_cast<std::size_t>(s.Integer("num", 1, 1)), each);
}

struct LayerType {
  const char* name;
  const char* brief;
  void (*read)(CfgSection& section, CfgBuilder& net);
};
constexpr LayerType kLayers[] = {
    {"convolutional", "conv", ReadConvolution},
    {"connected", "conn", ReadConnected},
    {"maxpool", "max", ReadMaxPool},
    {"avgpool", "avg", ReadAvgPool},
    {"dropout", "dropout", ReadDropout},
    {"shortcut", "shortcut", ReadShortcut},
    {"route", "route", ReadRoute},
    {"upsample", "upsample", ReadUpsample},
    {"reorg", "reorg", ReadReorg},
    {"scale_channels", "scale_channels", ReadScaleChannels},
    {"yolo", "yolo", ReadYolo},
    {"region", "region", ReadRegion},
};

void ReadLayer(CfgSection& s, CfgBuilder& net) {
  std::vector<std::string> names;
  for (const LayerType& type : kLayers) {
    names.emplace_back(type.name);
    if (s.name() != type.name && s.name() != type.brief) continue;
    net.Begin(s);
    type.read(s, net);
    s.RequireAllUsed();
    net.End();
    return;
  }
  s.Fail("this layer is not supported" + DidYouMean(s.name(), names));
}

struct Input {
  Shape shape;
  Preprocessing preprocessing;
};

// Keys of [net] about training, which the tool's own flags say.
void IgnoreNetTraining(CfgSection& s) {
  s.Ignore({"batch", "subdivisions", "inputs", "seen", "track", "augment_speed"});
  s.Ignore({"momentum",
            "decay",
            "learning_rate",
            "learning_rate_min",
            "max_batches",
            "max_epochs",
            "policy",
            "steps",
            "scales",
            "seq_scales",
            "step",
            "scale",
            "gamma",
            "power",
            "burn_in",
            "batches_per_cycle",
            "batches_cycle_mult",
            "sgdr_cycle",
            "sgdr_mult",
            "adam",
            "B1",
            "B2",
            "eps",
            "ema_alpha",
            "loss_scale",
            "try_fix_nan",
            "dynamic_minibatch",
            "optimized_memory",
            "workspace_size_limit_MB"});
  s.Ignore({"max_crop",
            "min_crop",
            "center",
            "clip",
            "flip",
            "angle",
            "aspect",
            "saturation",
            "exposure",
            "hue",
            "random",
            "resize_step",
            "blur",
            "gaussian_noise",
            "mixup",
            "cutmix",
            "mosaic",
            "mosaic_bound",
            "letter_box",
            "label_smooth_eps",
            "notruth",
            "contrastive",
            "contrastive_jit_flip",
            "contrastive_color",
            "unsupervised",
            "attention",
            "adversarial_lr",
            "max_chart_loss"});
}

// [net]: how big an image is.
Input ReadNet(CfgSection& s) {
  if (s.name() != "net" && s.name() != "network") s.Fail("the first section must be [net]");
  s.Only("time_steps", {1});
  IgnoreNetTraining(s);
  if (!s.Has("height") || !s.Has("width")) s.Fail("height and width are missing");
  const int64_t channels = s.Integer("channels", 3, 1, 4096);
  const auto count = static_cast<std::size_t>(channels);
  Input input{{channels, s.Integer("height", 0, 1, 65536), s.Integer("width", 0, 1, 65536)},
              {std::vector<double>(count, 0), std::vector<double>(count, 1)}};
  s.RequireAllUsed();
  return input;
}

// A crop at the start: in a prediction the middle of the image, brought to [-1, 1].
void ReadCrop(CfgSection& s, Input& input) {
  s.Ignore({"flip", "angle", "saturation", "exposure", "shift"});
  input.shape = {input.shape[0], s.Integer("crop_height", 1, 1, input.shape[1]),
                 s.Integer("crop_width", 1, 1, input.shape[2])};
  if (s.Integer("noadjust", 0, 0, 1) == 0) {
    std::fill(input.preprocessing.mean.begin(), input.preprocessing.mean.end(), 0.5);
    std::fill(input.preprocessing.deviation.begin(), input.preprocessing.deviation.end(), 0.5);
  }
  s.RequireAllUsed();
}

// What the loss of a classifier has, which follows its scores.
bool IsLoss(CfgSection& s) {
  if (s.name() == "cost") {
    s.Ignore({"type", "scale", "ratio", "noobj", "thresh"});
  } else if (s.name() == "softmax" || s.name() == "soft") {
    s.Only("groups", {1});
    s.Ignore({"temperature", "noloss"});  // a temperature changes the probabilities, never their order
  } else {
    return false;
  }
  s.RequireAllUsed();
  return true;
}

}  // namespace

Model ParseDarknetCfg(const std::string& path, const std::string& text, DarknetEpsilon epsilon,
                      int64_t max_values) {
  std::vector<CfgSection> sections = ParseCfgText(path, text);
  if (sections.empty()) throw FormatError(fmt::format("{}: no section: not a darknet cfg", path));
  Input input = ReadNet(sections[0]);
  std::size_t first = 1, last = sections.size();
  if (first < last && sections[first].name() == "crop") ReadCrop(sections[first++], input);
  while (last > first && IsLoss(sections[last - 1])) last--;
  if (first == last) sections[0].Fail("no layer follows");
  CfgBuilder net(input.shape, epsilon, max_values);
  // Darknet counts the crop among the layers.
  if (first == 2) net.End();
  for (std::size_t i = first; i < last; i++) ReadLayer(sections[i], net);
  return net.Finish(std::move(input.preprocessing));
}

Model ReadDarknetCfg(const std::string& path, DarknetEpsilon epsilon, int64_t max_values) {
  return ParseDarknetCfg(path, ReadFile(path, kMaxCfg), epsilon, max_values);
}

}  // namespace fovea
