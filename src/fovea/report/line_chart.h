// A line chart as inline SVG: readable without colour (dashes and marks), without a pointer (the last values
// stand at the end of their lines) and without scripts (a band under the pointer shows its values by style
// alone).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "fovea/report/markup.h"

namespace fovea {

struct ChartSeries {
  std::string name;
  std::vector<std::optional<double>>
      y;  // one for each x; nullopt is passed over, NaN and infinity break the line
  std::optional<std::size_t> highlight;  // the index of a point with a ring
};

struct LineChart {
  std::string title;                // for readers of the picture's text; the page prints its own heading
  std::string description;          // what the curves say, in words
  std::string x_name;               // "epoch"
  std::vector<double> x;            // ascending
  std::vector<ChartSeries> series;  // at most two: the first solid, the second dashed with marks
  bool wide = false;                // a logarithmic y axis where the values span a factor of 30 or more
  bool percent = false;             // y in 0..1, shown in per cent
};

// Appends an <svg>. Nothing to draw gives an empty frame that says so.
void DrawLineChart(const LineChart& chart, Markup& out);

// How many values of the chart are NaN or infinite; each is marked by a cross at the top edge.
int NotFinite(const LineChart& chart);

// Whether DrawLineChart takes a logarithmic axis: where `wide` asks for it, and every value is positive.
bool IsLogarithmic(const LineChart& chart);

}  // namespace fovea
