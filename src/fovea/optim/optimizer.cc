#include "fovea/optim/optimizer.h"

#include <fmt/format.h>

#include "fovea/base/chunks.h"
#include "fovea/base/error.h"
#include "fovea/base/suggest.h"
#include "fovea/kernels/dispatch.h"
#include "fovea/optim/reference.h"
#include "fovea/optim/vectors.h"

namespace fovea {
namespace {

PartialStep BeginSgd(ThreadPool&, const OptimizerOptions& o, const Update& u) {
  return SgdPart({o.momentum, o.nesterov, o.weight_decay}, u.rate, u.gradient, u.kept[0], u.parameter);
}

template <bool kDecoupled>
PartialStep BeginAdam(ThreadPool&, const OptimizerOptions& o, const Update& u) {
  return AdamPart({o.beta1, o.beta2, o.eps, o.weight_decay, kDecoupled, o.eps_uncorrected}, u.rate, u.t,
                  u.gradient, u.kept[0], u.kept[1], u.parameter);
}

PartialStep BeginAdagrad(ThreadPool&, const OptimizerOptions& o, const Update& u) {
  return AdagradPart({o.lr_decay, o.eps, o.weight_decay}, u.rate, u.t, u.gradient, u.kept[0], u.parameter);
}

PartialStep BeginRmsProp(ThreadPool&, const OptimizerOptions& o, const Update& u) {
  return RmsPropPart({o.alpha, o.eps, o.momentum, o.weight_decay}, u.rate, u.gradient, u.kept[0], u.kept[1],
                     u.parameter);
}

// A vector has nothing to orthogonalise: it learns by the same momentum, plainly.
PartialStep BeginMuon(ThreadPool& pool, const OptimizerOptions& o, const Update& u) {
  if (u.rows == 0) return BeginSgd(pool, o, u);
  MuonStep(pool, {o.momentum, o.nesterov, o.weight_decay, o.renormalise, o.newton_schulz}, u.rate, u.rows,
           u.count / u.rows, u.gradient, u.kept[0], u.parameter);
  return [](int64_t, int64_t) {};
}

struct Row {
  std::string name;
  std::vector<std::string> kept;
  bool whole;  // the gradient is scaled before the step begins
  PartialStep (*begin)(ThreadPool& pool, const OptimizerOptions& options, const Update& update);
  void (*reference)(const OptimizerOptions& options, const UpdateOf<double>& update);
};

const std::vector<Row>& Rows() {
  static const std::vector<Row> rows = {
      {"sgd", {"velocity"}, false, BeginSgd, ReferenceSgd},
      {"adagrad", {"square"}, false, BeginAdagrad, ReferenceAdagrad},
      {"adam", {"mean", "square"}, false, BeginAdam<false>, ReferenceAdam},
      {"adamw", {"mean", "square"}, false, BeginAdam<true>, ReferenceAdamW},
      {"muon", {"velocity"}, true, BeginMuon, ReferenceMuon},
      {"rmsprop", {"square", "velocity"}, false, BeginRmsProp, ReferenceRmsProp}};
  return rows;
}

const Row& Find(const std::string& name) {
  for (const Row& row : Rows()) {
    if (row.name == name) return row;
  }
  throw ArgumentError(
      fmt::format("there is no optimizer \"{}\"{}", name, DidYouMean(name, OptimizerNames())));
}

}  // namespace

std::vector<std::string> KeptTensors(const OptimizerOptions& options) { return Find(options.kind).kept; }

PartialStep BeginStep(ThreadPool& pool, const OptimizerOptions& options, const Update& update) {
  const Row& row = Find(options.kind);
  if (update.scale == 1) return row.begin(pool, options, update);
  if (row.whole) {
    ScaleBy(pool, update.scale, update.count, update.gradient);
    return row.begin(pool, options, update);
  }
  return [scale = update.scale, gradient = update.gradient, step = row.begin(pool, options, update)](
             int64_t i, int64_t size) {
    Kernels().update.scale(size, scale, gradient + i);
    step(i, size);
  };
}

void OptimizerStep(ThreadPool& pool, const OptimizerOptions& options, const Update& update) {
  ForEachChunk(pool, update.count, BeginStep(pool, options, update));
}

void ReferenceStep(const OptimizerOptions& options, const UpdateOf<double>& update) {
  Find(options.kind).reference(options, update);
}

std::vector<std::string> OptimizerNames() {
  std::vector<std::string> names;
  for (const Row& row : Rows()) names.push_back(row.name);
  return names;
}

}  // namespace fovea
