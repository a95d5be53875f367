// The update rules by name, with one shape for all: what they keep for each parameter, and a step.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "fovea/optim/adagrad.h"
#include "fovea/optim/adam.h"
#include "fovea/optim/muon.h"
#include "fovea/optim/rmsprop.h"
#include "fovea/optim/sgd.h"

#pragma GCC visibility push(default)
namespace fovea {

struct OptimizerOptions {
  std::string kind = "sgd";  // sgd, adagrad, adam, adamw, muon, rmsprop
  double momentum = 0.9;     // sgd, muon, rmsprop
  bool nesterov = true;      // sgd, muon
  double weight_decay = 5e-4;
  double beta1 = 0.9, beta2 = 0.999;  // adam, adamw
  double alpha = 0.99;                // rmsprop
  double eps = 1e-8;                  // adagrad, adam, adamw, rmsprop
  bool eps_uncorrected = false;       // adam, adamw
  double lr_decay = 0;                // adagrad
  bool renormalise = false;           // muon
  int64_t newton_schulz = 5;          // muon
};

// One step of one parameter: its gradient, times `scale`, the tensors that the rule keeps for it, and itself.
template <class T>
struct UpdateOf {
  double rate;
  int64_t t;     // number of the step, from 1
  int64_t rows;  // of the parameter as a matrix, its first axis; 0: a vector
  int64_t count;
  T* gradient;
  std::vector<T*> kept;  // in the order of KeptTensors
  T* parameter;
  T scale = 1;
};
using Update = UpdateOf<float>;

// "velocity", "mean", "square": they start at 0. Throws ArgumentError for an unknown rule, with the nearest known
// one.
std::vector<std::string> KeptTensors(const OptimizerOptions& options);
void OptimizerStep(ThreadPool& pool, const OptimizerOptions& options, const Update& update);
// The same by the reference of the rule (optim/reference.h).
void ReferenceStep(const OptimizerOptions& options, const UpdateOf<double>& update);

// Does of a step what needs the whole parameter, and returns the rest: a function of (first element, how many) that is to be called
// for parts that make up the parameter, in any order, by any threads.
using PartialStep = std::function<void(int64_t first, int64_t count)>;
PartialStep BeginStep(ThreadPool& pool, const OptimizerOptions& options, const Update& update);

std::vector<std::string> OptimizerNames();

}  // namespace fovea
#pragma GCC visibility pop
