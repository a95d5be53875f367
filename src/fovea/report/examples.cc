#include "fovea/report/sections.h"

#include <fmt/format.h>

#include <algorithm>

#include "fovea/report/image_grid.h"

namespace fovea {
namespace {

constexpr std::size_t kMostSamples = 48, kMostFilters = 128;

}  // namespace

void WriteSamples(const RunRecord& run, Markup& out) {
  if (!run.evaluation || run.evaluation->samples.empty()) return;
  out.Open("section");
  WriteHeading("Some predictions",
               "Test images with the class that the network gave and how sure it was. Wrong ones come first, "
               "the surest of "
               "them leading: they show what it has not understood, or a label that is wrong.",
               out);
  DrawPredictions(*run.evaluation, kMostSamples, out);
  out.Close();
}

void WriteFilters(const RunRecord& run, Markup& out) {
  if (!run.model || run.model->filters.empty()) return;
  const std::string& name = run.model->first_layer;
  std::vector<ByteImage> filters = run.model->filters;
  const std::size_t all = filters.size();
  filters.resize(std::min(all, kMostFilters));
  out.Open("section");
  const std::string shown =
      all > filters.size() ? fmt::format(" (the first {} of {})", filters.size(), all) : "";
  const bool small = filters[0].height < 5 || filters[0].width < 5;
  const std::string sign =
      small ? "Filters this small show no shapes; look for steps from dark to light and contrasts of colour."
            : "Edges and colour contrasts are a good sign; filters that look like noise have learned little.";
  WriteHeading(
      "First-layer filters",
      fmt::format("The weights of ‘{}’{}, each filter as the patch of image that it answers to most. "
                  "Mid-grey is zero. {}",
                  name, shown, sign),
      out);
  DrawFilters(filters, name, out);
  out.Close();
}

}  // namespace fovea
