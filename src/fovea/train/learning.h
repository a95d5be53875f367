// How parameters learn: an update rule and the schedule of its rate. A run has these settings, and a group of its
// parameters may have its own.
#pragma once

#include <string>

#include "fovea/layers/hyper.h"
#include "fovea/optim/optimizer.h"
#include "fovea/optim/schedule.h"

#pragma GCC visibility push(default)
namespace fovea {

struct Learning {
  double lr = 0;  // 0: one that suits the optimizer and the network
  std::string schedule = "one_cycle";
  double warmup = -1;           // share of the steps; below 0: 0.25 for one_cycle, else 0.02
  double power = 1;             // polynomial
  double gamma = 0.1;           // step, multi_step
  int64_t step_every = 30;      // epochs
  std::string milestones = {};  // epochs, "60,120"
  std::string optimizer = "sgd";
  double momentum = 0.9;
  bool nesterov = true;
  double weight_decay = 5e-4;
  double beta1 = 0.9, beta2 = 0.999, alpha = 0.99, eps = 1e-8;
  bool eps_uncorrected = false;  // adam, adamw
  double lr_decay = 0;           // adagrad
  bool renormalise = false;      // muon
  int64_t newton_schulz = 5;     // muon

  template <class Self, class F>
  static void Fields(Self& o, F&& field) {
    field("lr", o.lr, Between(0, 1000));
    field("schedule", o.schedule,
          OneOf({"constant", "cosine", "one_cycle", "polynomial", "step", "multi_step"}));
    field("warmup", o.warmup, Between(-1, 1));
    field("power", o.power, Between(0, 10));
    field("gamma", o.gamma, Between(1e-6, 1));
    field("step_every", o.step_every, Between(1, 1e6));
    field("milestones", o.milestones, Any());
    field("optimizer", o.optimizer, OneOf({"sgd", "adagrad", "adam", "adamw", "muon", "rmsprop"}));
    field("momentum", o.momentum, Between(0, 1));
    field("nesterov", o.nesterov, Any());
    field("weight_decay", o.weight_decay, Between(0, 10));
    field("beta1", o.beta1, Between(0, 0.999999));
    field("beta2", o.beta2, Between(0, 0.999999));
    field("alpha", o.alpha, Between(0, 0.999999));
    field("eps", o.eps, Between(1e-30, 1));
    field("eps_uncorrected", o.eps_uncorrected, Any());
    field("lr_decay", o.lr_decay, Between(0, 1000));
    field("renormalise", o.renormalise, Any());
    field("newton_schulz", o.newton_schulz, Between(1, 100));
  }
};

OptimizerOptions OptimizerOf(const Learning& learning);

// `rate`: the largest. Throws ArgumentError for milestones that are not numbers.
Schedule ScheduleOf(const Learning& learning, double rate, int64_t steps_per_epoch);

}  // namespace fovea
#pragma GCC visibility pop
