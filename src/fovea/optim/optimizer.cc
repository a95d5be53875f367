#include "fovea/optim/optimizer.h"

#include <fmt/format.h>

#include "fovea/base/error.h"
#include "fovea/base/suggest.h"

namespace fovea {
namespace {

void StepSgd(ThreadPool& pool, const OptimizerOptions& o, const Update& u) {
  SgdStep(pool, {o.momentum, o.nesterov, o.weight_decay}, u.rate, u.count, u.gradient, u.kept[0],
          u.parameter);
}

template <bool kDecoupled>
void StepAdam(ThreadPool& pool, const OptimizerOptions& o, const Update& u) {
  AdamStep(pool, {o.beta1, o.beta2, o.eps, o.weight_decay, kDecoupled}, u.rate, u.t, u.count, u.gradient,
           u.kept[0], u.kept[1], u.parameter);
}

void StepRmsProp(ThreadPool& pool, const OptimizerOptions& o, const Update& u) {
  RmsPropStep(pool, {o.alpha, o.eps, o.momentum, o.weight_decay}, u.rate, u.count, u.gradient, u.kept[0],
              u.kept[1], u.parameter);
}

// A vector has nothing to orthogonalise: it learns by the same momentum, plainly.
void StepMuon(ThreadPool& pool, const OptimizerOptions& o, const Update& u) {
  if (u.rows == 0) return StepSgd(pool, o, u);
  MuonStep(pool, {o.momentum, o.nesterov, o.weight_decay, o.renormalise, o.newton_schulz}, u.rate, u.rows,
           u.count / u.rows, u.gradient, u.kept[0], u.parameter);
}

struct Row {
  std::string name;
  std::vector<std::string> kept;
  void (*step)(ThreadPool& pool, const OptimizerOptions& options, const Update& update);
};

const std::vector<Row>& Rows() {
  static const std::vector<Row> rows = {{"sgd", {"velocity"}, StepSgd},
                                        {"adam", {"mean", "square"}, StepAdam<false>},
                                        {"adamw", {"mean", "square"}, StepAdam<true>},
                                        {"muon", {"velocity"}, StepMuon},
                                        {"rmsprop", {"square", "velocity"}, StepRmsProp}};
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

void OptimizerStep(ThreadPool& pool, const OptimizerOptions& options, const Update& update) {
  Find(options.kind).step(pool, options, update);
}

std::vector<std::string> OptimizerNames() {
  std::vector<std::string> names;
  for (const Row& row : Rows()) names.push_back(row.name);
  return names;
}

}  // namespace fovea
