// Everything that decides a run, listed once: the tool's flags, the keys of a TOML file and of a run's
// config.toml are the names in Fields.
#pragma once

#include <string>
#include <vector>

#include "fovea/engine/program.h"
#include "fovea/train/learning.h"

#pragma GCC visibility push(default)
namespace fovea {

struct TrainConfig : Learning {
  std::string data = "glyphs";
  std::string network = "glyphnet";
  int64_t classes = 0;  // 0: those of the data
  std::string out = {};
  int64_t epochs = 5;
  int64_t max_steps = 0;  // 0: no early end
  int64_t batch = 64;
  std::vector<std::string> groups = {};  // of parameters, see parameter_group.h
  double clip_norm = 0;                  // largest norm of the gradient; 0: no clipping
  int64_t accumulate = 1;                // pieces of a batch
  double ema = 0;                        // decay of the averaged weights; 0: none
  double label_smoothing = 0;
  int64_t crop = 0;  // pixels of padding for random crops
  std::string crop_padding = "zero";
  std::string flip = "none";
  int64_t cutout = 0;            // side of the square, pixels
  double jitter = 0;             // strength of the colour jitter
  double mixup = 0, cutmix = 0;  // parameter of the beta distribution; 0: none
  int64_t size = 0;              // side of photos; 0: from the photos
  std::string on_bad = "fail";   // photos that cannot be read
  double val = 0.1;              // share of the training images held back; 0 for none
  std::string tta = "none";      // views of each test image
  int64_t seed = 1;
  std::string numerics = "fast", precision = "f32";
  std::string memory = "normal";
  int64_t threads = 0;     // 0: all
  int64_t save_every = 0;  // steps; 0: at the end of every epoch

  template <class Self, class F>
  static void Fields(Self& o, F&& field) {
    field("data", o.data, Any());
    field("network", o.network, Any());
    field("classes", o.classes, Between(0, 1e6));
    field("out", o.out, Any());
    field("epochs", o.epochs, Between(1, 1e6));
    field("max_steps", o.max_steps, AtLeast(0));
    field("batch", o.batch, Between(1, 65536));
    Learning::Fields(o, field);
    field("groups", o.groups, Any());
    field("clip_norm", o.clip_norm, Between(0, 1e9));
    field("accumulate", o.accumulate, Between(1, 65536));
    field("ema", o.ema, Between(0, 0.999999));
    field("label_smoothing", o.label_smoothing, Between(0, 1));
    field("crop", o.crop, Between(0, 1000));
    field("crop_padding", o.crop_padding, OneOf({"zero", "reflect"}));
    field("flip", o.flip, OneOf({"none", "random", "alternate"}));
    field("cutout", o.cutout, Between(0, 10000));
    field("jitter", o.jitter, Between(0, 1));
    field("mixup", o.mixup, Between(0, 100));
    field("cutmix", o.cutmix, Between(0, 100));
    field("size", o.size, Between(0, 4096));
    field("on_bad", o.on_bad, OneOf({"fail", "skip"}));
    field("val", o.val, Between(0, 0.9));
    field("tta", o.tta, OneOf({"none", "mirror", "mirror+shift"}));
    field("seed", o.seed, AtLeast(0));
    field("numerics", o.numerics, OneOf({"fast", "direct"}));
    field("precision", o.precision, OneOf({"f32", "bf16"}));
    field("memory", o.memory, OneOf({"normal", "low"}));
    field("threads", o.threads, Between(0, 1024));
    field("save_every", o.save_every, AtLeast(0));
  }
};

// The values of a TOML file by name. Throws IoError, or FormatError naming file and line for what is not
// TOML, an unknown name (with the nearest known one) or a wrong value.
HyperList ReadToml(const std::string& path);

// Later values of the list win. Throws ArgumentError for an unknown name (with the nearest known one) or a
// wrong value.
TrainConfig ConfigFrom(const HyperList& values);

Arithmetic ArithmeticOf(const TrainConfig& config);

std::string ConfigToToml(const TrainConfig& config);

// Names that differ between the two, but for those that a resumed run may change: memory, threads, out, epochs,
// max_steps, save_every.
std::vector<std::string> ForbiddenChanges(const TrainConfig& run, const TrainConfig& wanted);

}  // namespace fovea
#pragma GCC visibility pop
