#include <fmt/format.h>

#include <algorithm>

#include "fovea/base/error.h"
#include "fovea/capi/guard.h"
#include "fovea/capi/model_handle.h"
#include "fovea/data/pixel_table.h"
#include "fovea/engine/verification.h"
#include "fovea/formats/registry.h"
#include "fovea/train/run_folder.h"
#include "fovea/train/start_network.h"
#include "fovea/version.h"

namespace fovea {
namespace {

void Give(Model model, fovea_model** handle) {
  *handle = new fovea_model{std::make_shared<Model>(std::move(model))};
}

// `shape` with its batch of one left out.
void GiveShape(const Shape& shape, int64_t* extents, size_t capacity, size_t* rank) {
  RequirePointer(extents, "extents");
  RequirePointer(rank, "rank");
  const auto inner = shape.extents().subspan(1);
  if (capacity < inner.size())
    throw ArgumentError(fmt::format("capacity is {}; the shape has {} extents", capacity, inner.size()));
  std::copy(inner.begin(), inner.end(), extents);
  *rank = inner.size();
}

void Preprocess(const Model& model, const uint8_t* pixels, size_t count, float* x) {
  const Shape image(model.network.InputShape(1).extents().subspan(1));
  const auto size = static_cast<std::size_t>(image.Size());
  if (image.rank() != 3) throw ShapeError(fmt::format("the network reads {}, not images", image.ToString()));
  if (count % size != 0)
    throw ShapeError(fmt::format("pixels has {} elements; an image has {}", count, size));
  const PixelTable table(model.preprocessing);
  for (std::size_t at = 0; at < count; at += size) table.Apply(image, pixels + at, x + at);
}

}  // namespace
}  // namespace fovea

using fovea::Guarded;
using fovea::RequirePointer;

const char* fovea_version(void) { return FOVEA_VERSION; }

const char* fovea_last_error(void) { return fovea::LastError(); }

fovea_status fovea_model_load(const char* path, fovea_model** model) {
  return Guarded([=] {
    fovea::RequirePath(path);
    RequirePointer(model, "model");
    fovea::Give(fovea::LoadAnyModel(fovea::FindModel(path)), model);
  });
}

fovea_status fovea_model_build(const char* network, int64_t c, int64_t h, int64_t w, int64_t classes,
                               uint64_t seed, fovea_model** model) {
  return Guarded([=] {
    RequirePointer(network, "network");
    RequirePointer(model, "model");
    if (classes < 1) throw fovea::ArgumentError(fmt::format("classes is {}; it must be at least 1", classes));
    fovea::Give(fovea::NamedModel(network, {c, h, w}, classes, seed), model);
  });
}

fovea_status fovea_model_save(const fovea_model* model, const char* path) {
  return Guarded([=] {
    RequirePointer(model, "model");
    fovea::RequirePath(path);
    fovea::RefreshExamples(*model->shared);
    fovea::SaveAnyModel(path, *model->shared);
  });
}

void fovea_model_free(fovea_model* model) { delete model; }

fovea_status fovea_model_input_shape(const fovea_model* model, int64_t* extents, size_t capacity,
                                     size_t* rank) {
  return Guarded([=] {
    RequirePointer(model, "model");
    fovea::GiveShape(model->shared->network.InputShape(1), extents, capacity, rank);
  });
}

fovea_status fovea_model_output_shape(const fovea_model* model, int64_t* extents, size_t capacity,
                                      size_t* rank) {
  return Guarded([=] {
    RequirePointer(model, "model");
    fovea::GiveShape(model->shared->network.OutputShape(1), extents, capacity, rank);
  });
}

fovea_status fovea_model_class_count(const fovea_model* model, int64_t* count) {
  return Guarded([=] {
    RequirePointer(model, "model");
    RequirePointer(count, "count");
    *count = static_cast<int64_t>(model->shared->classes.size());
  });
}

fovea_status fovea_model_class_name(const fovea_model* model, int64_t number, const char** name) {
  return Guarded([=] {
    RequirePointer(model, "model");
    RequirePointer(name, "name");
    const auto& classes = model->shared->classes;
    if (number < 0 || static_cast<std::size_t>(number) >= classes.size())
      throw fovea::ArgumentError(
          fmt::format("class {} has no name; the model names {}", number, classes.size()));
    *name = classes[static_cast<std::size_t>(number)].c_str();
  });
}

fovea_status fovea_model_preprocess(const fovea_model* model, const uint8_t* pixels, size_t pixel_count,
                                    float* x, size_t x_count) {
  return Guarded([=] {
    RequirePointer(model, "model");
    RequirePointer(pixels, "pixels");
    RequirePointer(x, "x");
    if (x_count != pixel_count)
      throw fovea::ShapeError(fmt::format("x has {} elements, pixels {}", x_count, pixel_count));
    fovea::Preprocess(*model->shared, pixels, pixel_count, x);
  });
}
