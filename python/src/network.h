// A network as Python holds it: a model with its compiled programs, safe to use from several Python threads.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <variant>
#include <vector>

#include "fovea/engine/program.h"
#include "fovea/formats/npz.h"
#include "fovea/network/model.h"
#include "fovea/network/reference.h"

namespace fovea::python {

class HeldNetwork : public std::enable_shared_from_this<HeldNetwork> {
 public:
  explicit HeldNetwork(Model model) : model_(std::move(model)) {}

  // `inputs` name layers, or "input"; none: the last value.
  void Add(const std::string& name, std::shared_ptr<const Layer> layer,
           const std::vector<std::string>& inputs);
  void Initialise(uint64_t seed);
  void Save(const std::string& path);
  // `names` as formats/tensor_names.h has it; `source` names the arrays in errors.
  void SetWeights(const std::string& source, const NamedArrays& arrays, const std::string& names);
  void SaveWeights(const std::string& path, const std::string& names);

  // Runs n images in `mode`; copies the scores to `y` (of the shape that OutputShape says).
  template <class S>
  void Forward(TensorView<const S> x, Mode mode, const CallRandom& random, TensorView<S> y);
  // After a Forward in training mode: assigns the gradients of the input and of the parameters for `dy`.
  template <class S>
  void Backward(TensorView<const S> dy, TensorView<S> dx, const std::vector<TensorView<S>>& dw);

  // Take the lock without Python's global lock: whoever holds it computes without.
  std::unique_lock<std::mutex> Lock() { return std::unique_lock(mutex_); }
  // Under the lock.
  Model& model() { return model_; }
  const Network& network() const { return model_.network; }
  // Number of changes of the graph: a program of an older graph must not run.
  int64_t graph_changes() const { return graph_changes_; }

  // Takes away the softmax over the classes that ends the network, where one does.
  void EndAtScores();

  // All of it as the bytes of a model file, and back.
  std::string ToBytes();
  static std::shared_ptr<HeldNetwork> FromBytes(const std::string& bytes);

  // Views of parameters and states that Python may write to: while there are any, and once more after the last, every pass looks
  // for changes, with which programs pack the weights anew.
  void TakeView() { views_++; }
  void DropView() {
    written_ = true;
    views_--;
  }

 private:
  template <class S>
  void CheckInput(TensorView<const S> x) const;
  Program& ProgramFor(Mode mode, int64_t n);
  void NoticeWrites();
  void GraphChanges();

  struct Compiled {
    std::unique_ptr<Program> program;
    int64_t batch = 0;
    int threads = 0;
    Arithmetic arithmetic = {};
  };

  std::mutex mutex_;
  Model model_;
  Compiled inference_, training_;
  std::unique_ptr<Reference<double>> reference_;  // of the last Forward in double
  std::atomic<int> views_{0};
  std::atomic<bool> written_{false};
  std::size_t weights_hash_ = 0;    // at the last look
  uint64_t reference_version_ = 0;  // of the network, when reference_ had run
  int64_t graph_changes_ = 0;
};

}  // namespace fovea::python
