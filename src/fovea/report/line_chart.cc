#include "fovea/report/line_chart.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "fovea/report/axis.h"
#include "fovea/report/numbers.h"
#include "fovea/report/svg.h"

namespace fovea {
namespace {

constexpr double kWidth = 460, kHeight = 270, kLeft = 58, kRight = 64, kTop = 30, kBottom = 42;
constexpr double kPlotWidth = kWidth - kLeft - kRight, kPlotHeight = kHeight - kTop - kBottom;
constexpr std::size_t kMostMarks = 40, kMostBands = 250;
constexpr double kLineHeight = 15;

// Values beyond this cannot be told from infinity on a chart, and their differences might overflow.
constexpr double kLargest = 1e200;

bool Shown(const std::optional<double>& value) { return value && std::abs(*value) <= kLargest; }

struct Range {
  double low = std::numeric_limits<double>::infinity(), high = -low;
  bool empty() const { return low > high; }
};

Range RangeOf(const LineChart& chart) {
  Range range;
  for (const ChartSeries& series : chart.series) {
    for (const auto& y : series.y) {
      if (!Shown(y)) continue;
      range.low = std::min(range.low, *y);
      range.high = std::max(range.high, *y);
    }
  }
  return range;
}

Axis YAxis(const LineChart& chart) {
  const Range range = RangeOf(chart);
  if (range.empty()) return LinearAxis(0, 1, 5);
  if (IsLogarithmic(chart)) return LogarithmicAxis(range.low, range.high);
  if (!chart.percent) return LinearAxis(std::min(0.0, range.low), range.high, 5);
  Axis axis = LinearAxis(range.low, std::max(range.high, range.low + 0.01), 5);
  if (range.high <= 1) axis.high = std::min(axis.high, 1.0);
  if (range.low >= 0) axis.low = std::max(axis.low, 0.0);
  std::erase_if(axis.ticks, [&axis](double t) { return t < axis.low - 1e-9 || t > axis.high + 1e-9; });
  return axis;
}

// Draws one chart; the frame holds the axes that every part needs.
class Drawing {
 public:
  Drawing(const LineChart& chart, Markup& out) : chart_(chart), out_(out), y_(YAxis(chart)) {
    x_ = chart.x.empty() ? WholeAxis(0, 1, 6) : WholeAxis(chart.x.front(), chart.x.back(), 6);
  }

  void Draw() {
    OpenSvg("chart", 0, 0, kWidth, kHeight, chart_.title, chart_.description, out_);
    Grid();
    Legend();
    if (RangeOf(chart_).empty())
      SvgText("tick", kLeft + kPlotWidth / 2, kTop + kPlotHeight / 2, "middle", "no finite value", out_);
    for (std::size_t s = 0; s < chart_.series.size(); ++s) Curve(s);
    EndLabels();
    Bands();
    out_.Close();
  }

 private:
  double X(double x) const { return kLeft + kPlotWidth * x_.Position(x); }
  double Y(double y) const { return kTop + kPlotHeight * (1 - y_.Position(y)); }
  std::string Value(double y) const { return chart_.percent ? Percent(y, 1) : Short(y); }
  static std::string Class(const char* kind, std::size_t s) { return fmt::format("{} s{}", kind, s); }

  void Grid() {
    // Ticks of a percentage need decimals only where they are closer than one per cent.
    const double step = y_.ticks.size() > 1 ? y_.ticks[1] - y_.ticks[0] : 1;
    const int decimals = step >= 0.0099 ? 0 : step >= 0.00099 ? 1 : 2;
    for (const double tick : y_.ticks) {
      SvgLine("grid", kLeft, Y(tick), kLeft + kPlotWidth, Y(tick), out_);
      SvgText("tick", kLeft - 8, Y(tick) + 4, "end", chart_.percent ? Percent(tick, decimals) : Short(tick),
              out_);
    }
    SvgLine("base", kLeft, kTop + kPlotHeight, kLeft + kPlotWidth, kTop + kPlotHeight, out_);
    if (!chart_.x.empty()) {
      for (const double tick : x_.ticks) {
        SvgLine("base", X(tick), kTop + kPlotHeight, X(tick), kTop + kPlotHeight + 4, out_);
        SvgText("tick", X(tick), kTop + kPlotHeight + 18, "middle", Short(tick), out_);
      }
    }
    SvgText("tick", kLeft + kPlotWidth / 2, kHeight - 6, "middle", chart_.x_name, out_);
  }

  void Legend() {
    if (chart_.series.size() < 2) return;
    double x = kLeft;
    for (std::size_t s = 0; s < chart_.series.size(); ++s) {
      SvgLine(Class("curve", s), x, 12, x + 26, 12, out_);
      if (s > 0) SvgCircle(Class("mark", s), x + 13, 12, 3, out_);
      SvgText("tick", x + 32, 16, "start", chart_.series[s].name, out_);
      x += 52 + 7.2 * static_cast<double>(chart_.series[s].name.size());
    }
  }

  void Cross(double x, std::size_t s) {
    const double y = kTop + 6;
    out_.Leaf("path", {{"class", Class("cross", s)},
                       {"d", fmt::format("M{0} {2}L{1} {3}M{0} {3}L{1} {2}", Coordinate(x - 4),
                                         Coordinate(x + 4), Coordinate(y - 4), Coordinate(y + 4))}});
  }

  void Curve(std::size_t s) {
    const ChartSeries& series = chart_.series[s];
    std::string path;
    bool broken = true;
    for (std::size_t i = 0; i < chart_.x.size(); ++i) {
      const auto& y = series.y[i];
      if (y && !Shown(y)) Cross(X(chart_.x[i]), s);
      if (Shown(y)) {
        path += fmt::format("{}{} {}", broken ? 'M' : 'L', Coordinate(X(chart_.x[i])), Coordinate(Y(*y)));
        broken = false;
      } else if (y) {
        broken = true;
      }
    }
    if (!path.empty()) out_.Leaf("path", {{"class", Class("curve", s)}, {"d", path}});
    for (std::size_t i = 0; i < chart_.x.size(); ++i) {
      if (Shown(series.y[i]) && ((s > 0 && chart_.x.size() <= kMostMarks) || Alone(series, i))) {
        SvgCircle(Class("mark", s), X(chart_.x[i]), Y(*series.y[i]), 3, out_);
      }
    }
    if (series.highlight && Shown(series.y[*series.highlight])) {
      const std::size_t i = *series.highlight;
      SvgCircle(Class("ring", s), X(chart_.x[i]), Y(*series.y[i]), 7, out_);
    }
  }

  // Whether no line meets point i.
  static bool Alone(const ChartSeries& series, std::size_t i) {
    const auto drawn = [&series](std::size_t k) { return k < series.y.size() && Shown(series.y[k]); };
    return !drawn(i - 1) && !drawn(i + 1);
  }

  // The last value of each line, moved apart where they would cover each other.
  void EndLabels() {
    struct Label {
      double y;
      std::size_t series;
      std::string text;
    };
    std::vector<Label> labels;
    for (std::size_t s = 0; s < chart_.series.size(); ++s) {
      const auto& values = chart_.series[s].y;
      const auto last = std::find_if(values.rbegin(), values.rend(), Shown);
      if (last != values.rend()) labels.push_back({Y(**last), s, Value(**last)});
    }
    std::sort(labels.begin(), labels.end(), [](const Label& a, const Label& b) { return a.y < b.y; });
    if (labels.size() == 2 && labels[1].y - labels[0].y < kLineHeight) {
      const double middle = (labels[0].y + labels[1].y) / 2;
      labels[0].y = middle - kLineHeight / 2;
      labels[1].y = middle + kLineHeight / 2;
    }
    for (const Label& label : labels) {
      SvgText(Class("end", label.series), kLeft + kPlotWidth + 8, label.y + 4, "start", label.text, out_);
    }
  }

  // A band for each x, invisible until the pointer is over it; its title serves screen readers and touch.
  void Bands() {
    const std::size_t count = chart_.x.size(), stride = (count + kMostBands - 1) / kMostBands;
    for (std::size_t i = 0; i < count; i += stride) {
      const double x = X(chart_.x[i]);
      const double left = i < stride ? kLeft : (X(chart_.x[i - stride]) + x) / 2;
      const double right = i + stride < count ? (x + X(chart_.x[i + stride])) / 2 : kLeft + kPlotWidth;
      std::string text = fmt::format("{} {}:", chart_.x_name, Short(chart_.x[i]));
      for (const ChartSeries& series : chart_.series) {
        if (series.y[i]) text += fmt::format("  {} {}", series.name, Value(*series.y[i]));
      }
      out_.Open("g", {{"class", "band"}});
      out_.Element("title", {}, text);
      SvgRect("area", left, kTop, right - left, kPlotHeight, out_);
      SvgLine("pointer", x, kTop, x, kTop + kPlotHeight, out_);
      out_.Close();
    }
  }

  const LineChart& chart_;
  Markup& out_;
  Axis x_, y_;
};

}  // namespace

bool IsLogarithmic(const LineChart& chart) {
  const Range range = RangeOf(chart);
  return chart.wide && !range.empty() && range.low > 0 && range.high >= 30 * range.low;
}

int NotFinite(const LineChart& chart) {
  int count = 0;
  for (const ChartSeries& series : chart.series) {
    for (const auto& y : series.y) count += y && !Shown(y) ? 1 : 0;
  }
  return count;
}

void DrawLineChart(const LineChart& chart, Markup& out) { Drawing(chart, out).Draw(); }

}  // namespace fovea
