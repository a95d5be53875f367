#include "fovea/report/confusion_matrix.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "fovea/report/numbers.h"
#include "fovea/report/svg.h"

namespace fovea {
namespace {

constexpr double kSide = 560, kLabels = 96;
constexpr std::size_t kLargestWithCounts = 20, kLongestName = 12;

// A name that fits beside a row; counted in bytes, cut between characters.
std::string Shortened(const std::string& name) {
  if (name.size() <= kLongestName) return name;
  std::size_t end = kLongestName - 1;
  while (end > 0 && (static_cast<unsigned char>(name[end]) & 0xC0) == 0x80) --end;
  return name.substr(0, end) + "…";
}

class Drawing {
 public:
  Drawing(const EvaluationRecord& evaluation, Markup& out)
      : evaluation_(evaluation), out_(out), n_(evaluation.confusion.size()) {
    cell_ = (kSide - kLabels) / static_cast<double>(n_);
    top_ = n_ <= kLargestWithCounts ? kLabels : 2;
    font_ = std::clamp(cell_ * 0.36, 7.0, 15.0);
  }

  void Draw() {
    // The slanted name of the last column reaches beyond it.
    const double margin = n_ <= kLargestWithCounts ? 24 : 0;
    OpenSvg("matrix", 0, kLabels - top_, kSide + margin, kSide - kLabels + top_, "Confusion matrix",
            "Rows are the true classes, columns the predicted ones; the diagonal is right.", out_);
    for (std::size_t i = 0; i < n_; ++i) Labels(i);
    for (std::size_t t = 0; t < n_; ++t) {
      for (std::size_t p = 0; p < n_; ++p) Cell(t, p);
    }
    SvgRect("frame", kLabels, kLabels, kSide - kLabels, kSide - kLabels, out_);
    out_.Close();
  }

 private:
  double At(std::size_t i) const { return kLabels + cell_ * static_cast<double>(i); }

  void Labels(std::size_t i) {
    const std::string name = Shortened(evaluation_.classes[i]);
    const double middle = At(i) + cell_ / 2, size = std::min(font_ + 1, 14.0);
    const std::string style = fmt::format("font-size:{}px", Coordinate(size));
    out_.Element("text",
                 {{"x", Coordinate(kLabels - 8)},
                  {"y", Coordinate(middle + size * 0.35)},
                  {"text-anchor", "end"},
                  {"style", style}},
                 name);
    if (n_ > kLargestWithCounts) return;
    const std::string place =
        fmt::format("translate({},{}) rotate(-45)", Coordinate(middle), Coordinate(kLabels - 8));
    out_.Element("text", {{"transform", place}, {"style", style}}, name);
  }

  void Cell(std::size_t t, std::size_t p) {
    const auto& row = evaluation_.confusion[t];
    const int64_t count = row[p], total = std::accumulate(row.begin(), row.end(), int64_t{0});
    if (count <= 0) return;
    const double share = static_cast<double>(count) / static_cast<double>(total);
    // The root makes a mistake of one in a hundred visible beside a diagonal near one.
    const double shade = std::max(0.08, t == p ? share : std::sqrt(share));
    out_.Open("g", {});
    out_.Element("title", {},
                 fmt::format("{} taken for {}: {} of {} ({})", evaluation_.classes[t], evaluation_.classes[p],
                             Grouped(count), Grouped(total), Percent(share)));
    out_.Leaf("rect", {{"class", t == p ? "right" : "wrong"},
                       {"x", Coordinate(At(p) + 0.75)},
                       {"y", Coordinate(At(t) + 0.75)},
                       {"width", Coordinate(std::max(0.5, cell_ - 1.5))},
                       {"height", Coordinate(std::max(0.5, cell_ - 1.5))},
                       {"rx", Coordinate(std::min(3.0, cell_ / 8))},
                       {"fill-opacity", Coordinate(shade)}});
    if (n_ <= kLargestWithCounts) {
      const std::string text = fmt::format("{}", count);
      // About 0.58 of the font size is the width of a digit.
      const double fits = cell_ * 0.9 / (0.58 * static_cast<double>(text.size()));
      out_.Element("text",
                   {{"class", shade > 0.55 ? "on" : "off"},
                    {"x", Coordinate(At(p) + cell_ / 2)},
                    {"y", Coordinate(At(t) + cell_ / 2 + std::min(font_, fits) * 0.35)},
                    {"text-anchor", "middle"},
                    {"style", fmt::format("font-size:{}px", Coordinate(std::min(font_, fits)))}},
                   text);
    }
    out_.Close();
  }

  const EvaluationRecord& evaluation_;
  Markup& out_;
  std::size_t n_;
  double cell_ = 0, font_ = 0, top_ = 0;
};

}  // namespace

std::vector<Confusion> WorstConfusions(const EvaluationRecord& evaluation, std::size_t count) {
  std::vector<Confusion> all;
  for (std::size_t t = 0; t < evaluation.confusion.size(); ++t) {
    for (std::size_t p = 0; p < evaluation.confusion.size(); ++p) {
      const int64_t n = evaluation.confusion[t][p];
      if (t != p && n > 0) all.push_back({static_cast<int>(t), static_cast<int>(p), n});
    }
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const Confusion& a, const Confusion& b) { return a.count > b.count; });
  if (all.size() > count) all.resize(count);
  return all;
}

std::vector<ClassAccuracy> AccuracyByClass(const EvaluationRecord& evaluation) {
  std::vector<ClassAccuracy> out;
  for (std::size_t t = 0; t < evaluation.confusion.size(); ++t) {
    const auto& row = evaluation.confusion[t];
    out.push_back({static_cast<int>(t), row[t], std::accumulate(row.begin(), row.end(), int64_t{0})});
  }
  return out;
}

void DrawConfusionMatrix(const EvaluationRecord& evaluation, Markup& out) { Drawing(evaluation, out).Draw(); }

}  // namespace fovea
