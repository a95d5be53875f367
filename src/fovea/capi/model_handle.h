// What the C handle of a model points to. Sessions and trainers share the model itself.
#pragma once

#include <memory>

#include "fovea/capi/fovea.h"
#include "fovea/network/model.h"

struct fovea_model {
  std::shared_ptr<fovea::Model> shared;
};
