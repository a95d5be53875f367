#include "fovea/report/image_grid.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "fovea/report/image_uri.h"
#include "fovea/report/numbers.h"

namespace fovea {
namespace {

bool Wrong(const SamplePrediction& sample) { return sample.label != sample.prediction; }

std::vector<const SamplePrediction*> InOrder(const EvaluationRecord& evaluation) {
  std::vector<const SamplePrediction*> order;
  for (const SamplePrediction& sample : evaluation.samples) order.push_back(&sample);
  const auto confidence = [](const SamplePrediction* s) {
    return std::isfinite(s->probability) ? s->probability : 0;
  };
  std::stable_sort(order.begin(), order.end(), [&](const SamplePrediction* a, const SamplePrediction* b) {
    if (Wrong(*a) != Wrong(*b)) return Wrong(*a);
    return Wrong(*a) && confidence(a) > confidence(b);
  });
  return order;
}

void Image(const ByteImage& image, const std::string& text, Markup& out) {
  out.Leaf("img", {{"src", PngUri(image)}, {"alt", text}, {"title", text}});
}

}  // namespace

void DrawPredictions(const EvaluationRecord& evaluation, std::size_t limit, Markup& out) {
  auto order = InOrder(evaluation);
  if (order.size() > limit) {
    // Keep some that are right even when the wrong ones alone would fill the space.
    const auto first_right =
        std::find_if(order.begin(), order.end(), [](const auto* s) { return !Wrong(*s); });
    const auto wrong = static_cast<std::size_t>(first_right - order.begin()), right = order.size() - wrong;
    const std::size_t keep_right = std::min(right, std::max(limit / 3, limit - std::min(limit, wrong)));
    order.erase(order.begin() + static_cast<std::ptrdiff_t>(std::min(wrong, limit - keep_right)),
                first_right);
    order.resize(std::min(limit, order.size()));
  }
  out.Open("div", {{"class", "samples"}});
  for (const SamplePrediction* sample : order) {
    const bool wrong = Wrong(*sample);
    const std::string& truth = evaluation.classes[static_cast<std::size_t>(sample->label)];
    const std::string& said = evaluation.classes[static_cast<std::size_t>(sample->prediction)];
    const std::string confidence = sample->probability >= 0.9995 ? "> 99.9 %" : Percent(sample->probability);
    out.Open("figure", {{"class", wrong ? "sample bad" : "sample"}});
    Image(sample->image, fmt::format("truth {}, predicted {}, {}", truth, said, confidence), out);
    out.Open("figcaption");
    out.Element("span", {{"class", "said"}}, fmt::format("{} {}", wrong ? "✗" : "✓", said));
    if (wrong) out.Element("span", {{"class", "truth"}}, fmt::format("truth: {}", truth));
    out.Element("span", {{"class", "confidence"}}, fmt::format("{} sure", confidence));
    out.Close().Close();
  }
  out.Close();
}

void DrawFilters(const std::vector<ByteImage>& filters, const std::string& what, Markup& out) {
  out.Open("div", {{"class", "filters"}});
  for (std::size_t i = 0; i < filters.size(); ++i) {
    Image(filters[i], fmt::format("filter {} of {}", i + 1, what), out);
  }
  out.Close();
}

}  // namespace fovea
