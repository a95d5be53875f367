#include "fovea/report/sections.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "fovea/report/line_chart.h"
#include "fovea/report/numbers.h"
#include "fovea/report/run_facts.h"

namespace fovea {
namespace {

constexpr std::size_t kMostPoints = 600, kMostTableRows = 500;

using Column = std::optional<double> MetricsRow::*;

// The lines of metrics.csv that are drawn: all, or every k-th, the best, the broken and the last.
std::vector<std::size_t> DrawnRows(const RunRecord& run) {
  const std::size_t n = run.metrics.size(), stride = n / kMostPoints + 1;
  const auto best = BestEpoch(run), broken = FirstNotFinite(run);
  std::vector<std::size_t> rows;
  for (std::size_t i = 0; i < n; ++i) {
    if (i % stride == 0 || i + 1 == n || i == best || i == broken) rows.push_back(i);
  }
  return rows;
}

ChartSeries Series(const RunRecord& run, const char* name, const std::vector<std::size_t>& rows,
                   Column column) {
  ChartSeries series{name, {}, std::nullopt};
  for (const std::size_t row : rows) series.y.push_back(run.metrics[row].*column);
  return series;
}

LineChart Chart(const RunRecord& run, const char* title, const std::vector<std::size_t>& rows) {
  LineChart chart{title, "", "epoch", {}, {}};
  bool by_epoch = true;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto& epoch = run.metrics[rows[i]].epoch;
    by_epoch = by_epoch && epoch && std::abs(*epoch) < 1e9 && (i == 0 || chart.x.back() < *epoch);
    if (by_epoch) chart.x.push_back(*epoch);
  }
  if (!by_epoch) {
    chart.x_name = "line of metrics.csv";
    chart.x.clear();
    for (const std::size_t row : rows) chart.x.push_back(static_cast<double>(row + 1));
  }
  return chart;
}

void Describe(const ChartSeries& series, bool percent, std::string& words) {
  const auto first = std::find_if(series.y.begin(), series.y.end(), IsFinite);
  const auto last = std::find_if(series.y.rbegin(), series.y.rend(), IsFinite);
  if (first == series.y.end()) return;
  const auto text = [percent](double y) { return percent ? Percent(y) : Short(y); };
  words += fmt::format("{}: from {} to {}. ", series.name, text(**first), text(**last));
}

// Writes the chart without the series that have no value at all; nothing when none is left.
void Curve(LineChart chart, Markup& out) {
  std::erase_if(chart.series, [](const ChartSeries& series) {
    return std::none_of(series.y.begin(), series.y.end(), [](const auto& y) { return y.has_value(); });
  });
  if (chart.series.empty()) return;
  for (const ChartSeries& series : chart.series) Describe(series, chart.percent, chart.description);
  out.Open("figure");
  out.Element("figcaption", {}, chart.title);
  DrawLineChart(chart, out);
  std::string words = IsLogarithmic(chart) ? "The scale is logarithmic. " : "";
  if (const int broken = NotFinite(chart)) {
    words += fmt::format("{} not a finite number: a cross at the top edge.",
                         broken == 1 ? "One value is" : fmt::format("{} values are", broken));
  }
  if (!words.empty()) out.Element("p", {{"class", "note"}}, words);
  out.Close();
}

void WriteTable(const RunRecord& run, Markup& out) {
  static constexpr std::pair<const char*, Column> kColumns[] = {{"epoch", &MetricsRow::epoch},
                                                                {"training loss", &MetricsRow::train_loss},
                                                                {"validation loss", &MetricsRow::val_loss},
                                                                {"training", &MetricsRow::train_acc},
                                                                {"validation", &MetricsRow::val_acc},
                                                                {"learning rate", &MetricsRow::lr},
                                                                {"images/s", &MetricsRow::images_per_second},
                                                                {"seconds", &MetricsRow::seconds}};
  out.Open("details").Element("summary", {}, "The same as numbers");
  out.Open("div", {{"class", "scroll"}}).Open("table", {{"class", "numbers"}}).Open("thead").Open("tr");
  for (const auto& [name, column] : kColumns) out.Element("th", {{"scope", "col"}}, name);
  out.Close().Close().Open("tbody");
  const std::size_t n = run.metrics.size(), first = n > kMostTableRows ? n - kMostTableRows : 0;
  for (std::size_t i = first; i < n; ++i) {
    out.Open("tr");
    for (const auto& [name, column] : kColumns) {
      const auto& value = run.metrics[i].*column;
      const bool accuracy = column == &MetricsRow::train_acc || column == &MetricsRow::val_acc;
      out.Element("td", {}, !value ? "" : accuracy ? Percent(*value, 2) : Short(*value));
    }
    out.Close();
  }
  out.Close().Close().Close();
  if (first > 0) out.Element("p", {{"class", "note"}}, fmt::format("The last {} lines.", kMostTableRows));
  out.Close();
}

}  // namespace

void WriteCurves(const RunRecord& run, Markup& out) {
  out.Open("section");
  if (run.metrics.empty()) {
    WriteHeading("Learning curves", "They begin with the first finished epoch.", out);
    out.Close();
    return;
  }
  const std::string lead =
      "Training is measured while the weights still move, on the images as they were fed, augmentation "
      "included; so "
      "validation can lie above it.";
  WriteHeading("Learning curves",
               BestEpoch(run) ? lead + " A ring marks the best validation accuracy." : lead, out);
  const auto rows = DrawnRows(run);
  out.Open("div", {{"class", "charts"}});
  LineChart loss = Chart(run, "Loss", rows);
  loss.wide = true;
  loss.series = {Series(run, "training", rows, &MetricsRow::train_loss),
                 Series(run, "validation", rows, &MetricsRow::val_loss)};
  Curve(loss, out);
  LineChart accuracy = Chart(run, "Accuracy", rows);
  accuracy.percent = true;
  accuracy.series = {Series(run, "training", rows, &MetricsRow::train_acc),
                     Series(run, "validation", rows, &MetricsRow::val_acc)};
  if (const auto best = BestEpoch(run)) {
    const auto at = std::find(rows.begin(), rows.end(), *best);
    accuracy.series[1].highlight = static_cast<std::size_t>(at - rows.begin());
  }
  Curve(accuracy, out);
  LineChart rate = Chart(run, "Learning rate", rows);
  rate.series = {Series(run, "learning rate", rows, &MetricsRow::lr)};
  Curve(rate, out);
  LineChart speed = Chart(run, "Images a second", rows);
  speed.series = {Series(run, "images a second", rows, &MetricsRow::images_per_second)};
  Curve(speed, out);
  out.Close();
  WriteTable(run, out);
  out.Close();
}

}  // namespace fovea
