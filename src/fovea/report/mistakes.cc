#include "fovea/report/sections.h"

#include <fmt/format.h>

#include <algorithm>

#include "fovea/report/confusion_matrix.h"
#include "fovea/report/numbers.h"

namespace fovea {
namespace {

constexpr std::size_t kMostClassRows = 20, kWeakest = 10;

const std::string& Name(const EvaluationRecord& evaluation, int label) {
  return evaluation.classes[static_cast<std::size_t>(label)];
}

void WriteConfusions(const EvaluationRecord& evaluation, Markup& out) {
  const auto worst = WorstConfusions(evaluation, 3);
  out.Element("h3", {}, "Most frequent confusions");
  if (worst.empty()) {
    out.Element("p", {}, "None: every image was named correctly.");
    return;
  }
  const auto classes = AccuracyByClass(evaluation);
  out.Open("ol", {{"class", "confusions"}});
  for (const Confusion& c : worst) {
    const ClassAccuracy& truth = classes[static_cast<std::size_t>(c.truth)];
    out.Element("li", {},
                fmt::format("‘{}’ was taken for ‘{}’ {} of {} ({}).", Name(evaluation, c.truth),
                            Name(evaluation, c.prediction),
                            c.count == 1   ? "once"
                            : c.count == 2 ? "twice"
                                           : Plural(c.count, "time"),
                            Grouped(truth.total),
                            Percent(static_cast<double>(c.count) / static_cast<double>(truth.total))));
  }
  out.Close();
}

void WriteClasses(const EvaluationRecord& evaluation, Markup& out) {
  auto classes = AccuracyByClass(evaluation);
  const bool all = classes.size() <= kMostClassRows;
  if (!all) {
    std::stable_sort(classes.begin(), classes.end(),
                     [](const auto& a, const auto& b) { return a.fraction() < b.fraction(); });
    std::erase_if(classes, [](const ClassAccuracy& c) { return c.total == 0; });
    classes.resize(std::min(classes.size(), kWeakest));
  }
  out.Element("h3", {},
              all ? "Accuracy of each class" : fmt::format("The {} weakest classes", classes.size()));
  out.Open("table", {{"class", "classes"}}).Open("tbody");
  for (const ClassAccuracy& entry : classes) {
    out.Open("tr").Element("th", {{"scope", "row"}}, Name(evaluation, entry.label));
    out.Open("td", {{"class", "bar"}});
    out.Open("svg", {{"viewBox", "0 0 100 8"}, {"preserveAspectRatio", "none"}, {"aria-hidden", "true"}});
    out.Leaf("rect", {{"class", "track"}, {"width", "100"}, {"height", "8"}});
    out.Leaf("rect", {{"class", "fill"}, {"width", Coordinate(100 * entry.fraction())}, {"height", "8"}});
    out.Close().Close();
    out.Element("td", {}, entry.total == 0 ? "no image" : Percent(entry.fraction()));
    out.Close();
  }
  out.Close().Close();
}

}  // namespace

void WriteMistakes(const RunRecord& run, Markup& out) {
  if (!run.evaluation || run.evaluation->confusion.empty()) return;
  const EvaluationRecord& evaluation = *run.evaluation;
  const bool draw = evaluation.confusion.size() <= kLargestMatrix;
  out.Open("section");
  const std::string how =
      draw ? "Each row holds the images of one true class, each column those that the network put into a "
             "class. "
             "Blue on the diagonal is right, orange beside it is wrong."
           : fmt::format("A matrix of {} classes would be too fine to read; these are its classes in words.",
                         Grouped(static_cast<int64_t>(evaluation.confusion.size())));
  WriteHeading("What is taken for what", how, out);
  out.Open("div", {{"class", draw ? "pair" : ""}});
  if (draw) DrawConfusionMatrix(evaluation, out);
  out.Open("div");
  WriteConfusions(evaluation, out);
  WriteClasses(evaluation, out);
  out.Close().Close().Close();
}

}  // namespace fovea
