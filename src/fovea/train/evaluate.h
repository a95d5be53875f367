// How well a model does on a set of images.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "fovea/data/dataset.h"
#include "fovea/data/views.h"
#include "fovea/engine/program.h"
#include "fovea/network/model.h"

#pragma GCC visibility push(default)
namespace fovea {

struct SampleResult {
  int64_t index = 0;
  int32_t label = 0, prediction = 0;
  double probability = 0;  // of the prediction
};

struct Evaluation {
  int64_t correct = 0, total = 0;
  int64_t among_five = 0;                       // whose class is one of the five with the highest scores
  double loss = 0;                              // mean softmax cross-entropy
  std::vector<std::vector<int64_t>> confusion;  // [truth][prediction]
  std::vector<SampleResult> samples;            // in order
  double Accuracy() const { return Share(correct); }
  double TopFive() const { return Share(among_five); }
  double Share(int64_t count) const {
    return total == 0 ? 0 : static_cast<double>(count) / static_cast<double>(total);
  }
};

struct EvaluationOptions {
  int64_t batch = 100;
  int threads = 0;  // 0: all
  Arithmetic arithmetic = {};
  std::vector<View> views = ViewsOf("none");  // of each image: their scores are averaged by weight
  std::function<bool()> stopped = {};         // asked between batches: ends early, with what there is
};

// Runs an inference program. Ties between scores go to the first class. Throws ShapeError
// when the data do not fit the network.
Evaluation Evaluate(Model& model, const Dataset& data, Split split, const std::vector<int64_t>& indices,
                    const EvaluationOptions& options);

// Throws ShapeError unless the network reads images of the data's shape and tells its classes apart.
void CheckFit(const Model& model, const Dataset& data);

// 0, 1, ..., size - 1.
std::vector<int64_t> AllIndices(const Dataset& data, Split split);

int32_t ArgMax(const float* scores, int64_t classes);

}  // namespace fovea
#pragma GCC visibility pop
