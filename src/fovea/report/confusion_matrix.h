// Which class was taken for which.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "fovea/report/evaluation_record.h"
#include "fovea/report/markup.h"

namespace fovea {

struct Confusion {
  int truth = 0, prediction = 0;
  int64_t count = 0;
};

struct ClassAccuracy {
  int label = 0;
  int64_t correct = 0, total = 0;
  double fraction() const {
    return total > 0 ? static_cast<double>(correct) / static_cast<double>(total) : 0;
  }
};

// The most frequent confusions, at most `count`; ties in the order of truth, then prediction.
std::vector<Confusion> WorstConfusions(const EvaluationRecord& evaluation, std::size_t count);

std::vector<ClassAccuracy> AccuracyByClass(const EvaluationRecord& evaluation);

// Matrices of more classes than this are not drawn.
constexpr std::size_t kLargestMatrix = 50;

// Appends the matrix as an <svg>: rows are the truth, columns the prediction. Up to 20 classes each column
// has its name and each cell its count; above, a cell has only its shade and its title.
void DrawConfusionMatrix(const EvaluationRecord& evaluation, Markup& out);

}  // namespace fovea
