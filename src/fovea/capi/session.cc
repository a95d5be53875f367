#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "fovea/base/error.h"
#include "fovea/capi/guard.h"
#include "fovea/capi/model_handle.h"
#include "fovea/engine/program.h"

struct fovea_session {
  fovea_session(std::shared_ptr<fovea::Model> of, int64_t batch, int threads)
      : model(std::move(of)),
        max_batch(batch),
        program(model->network, {.max_batch = batch, .threads = threads}) {}

  std::shared_ptr<fovea::Model> model;
  int64_t max_batch;
  fovea::Program program;
};

using fovea::Guarded;
using fovea::RequirePointer;

fovea_status fovea_session_create(fovea_model* model, int64_t max_batch, int threads,
                                  fovea_session** session) {
  return Guarded([=] {
    RequirePointer(model, "model");
    RequirePointer(session, "session");
    if (threads < 0 || threads > 1024)
      throw fovea::ArgumentError(fmt::format("threads is {}; it must be from 0, all, to 1024", threads));
    *session = new fovea_session(model->shared, max_batch, threads);
  });
}

fovea_status fovea_session_run(fovea_session* session, int64_t batch, const float* x, size_t x_count,
                               float* y, size_t y_count) {
  return Guarded([=] {
    RequirePointer(session, "session");
    RequirePointer(x, "x");
    RequirePointer(y, "y");
    const fovea::Network& network = session->model->network;
    fovea::RequireBatch(batch, session->max_batch);
    fovea::RequireCount("x", x_count, batch, network.InputShape(1).Size());
    fovea::RequireCount("y", y_count, batch, network.OutputShape(1).Size());
    const auto scores = session->program.Forward({x, network.InputShape(batch)});
    std::copy(scores.values().begin(), scores.values().end(), y);
  });
}

void fovea_session_free(fovea_session* session) { delete session; }
