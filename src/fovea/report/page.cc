#include "fovea/report/page.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "fovea/report/advice.h"
#include "fovea/report/confusion_matrix.h"
#include "fovea/report/image_grid.h"
#include "fovea/report/line_chart.h"
#include "fovea/report/markup.h"
#include "fovea/report/numbers.h"
#include "fovea/report/page_style.h"

namespace fovea {
namespace {

constexpr std::size_t kMostSamples = 48, kMostFilters = 128, kMostPoints = 600, kMostTableRows = 500;
constexpr std::size_t kMostClassRows = 20;

using Column = std::optional<double> MetricsRow::*;

struct Test {
  int64_t correct = 0, total = 0;
  double fraction() const { return static_cast<double>(correct) / static_cast<double>(total); }
};

std::optional<Test> TestResult(const RunRecord& run) {
  const auto correct = run.ResultCount("test_correct"), total = run.ResultCount("test_total");
  if (!correct || !total || *total < 1 || *correct > *total) return std::nullopt;
  return Test{*correct, *total};
}

std::string OrElse(const std::string& text, const char* otherwise) { return text.empty() ? otherwise : text; }

std::string RunName(const RunRecord& run) {
  const std::string network = run.Config("network"), data = run.Config("data");
  if (network.empty() || data.empty()) return OrElse(network + data, "A training run");
  return fmt::format("{} on {}", network, data);
}

double LastSeconds(const RunRecord& run) {
  return run.metrics.empty() ? std::nan("") : run.metrics.back().seconds.value_or(std::nan(""));
}

// Of the epochs' rates; the first epoch, which warms up, counts as little as any slow one.
std::optional<double> MedianRate(const RunRecord& run) {
  std::vector<double> rates;
  for (const MetricsRow& row : run.metrics) {
    if (row.images_per_second && std::isfinite(*row.images_per_second))
      rates.push_back(*row.images_per_second);
  }
  if (rates.empty()) return std::nullopt;
  std::sort(rates.begin(), rates.end());
  return rates[rates.size() / 2];
}

double LastEpoch(const RunRecord& run) {
  return run.metrics.empty() ? 0 : run.metrics.back().epoch.value_or(static_cast<double>(run.metrics.size()));
}

std::string Status(const RunRecord& run) {
  if (run.metrics.empty()) return "No epoch has finished yet.";
  const double done = LastEpoch(run);
  if (FirstNotFinite(run)) return fmt::format("Diverged in epoch {}.", Short(done));
  const auto planned = PlannedEpochs(run);
  if (planned && done < static_cast<double>(*planned)) {
    return fmt::format("Stopped after {} of {}.", Short(done), Plural(*planned, "epoch"));
  }
  return fmt::format("Finished after {}.", Plural(static_cast<int64_t>(done), "epoch"));
}

// Single quotes, so that a shell takes the word as it is.
std::string Quoted(const std::string& word) {
  constexpr std::string_view kPlain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-./:=,+";
  if (!word.empty() && word.find_first_not_of(kPlain) == std::string::npos) return word;
  std::string out = "'";
  for (const char c : word) out += c == '\'' ? "'\\''" : std::string(1, c);
  return out + "'";
}

class Page {
 public:
  Page(const RunRecord& run, const FirstLayer& first_layer) : run_(run), first_layer_(first_layer) {}

  std::string Render() {
    out_.Verbatim("<!DOCTYPE html>\n");
    out_.Open("html", {{"lang", "en-GB"}, {"xmlns", "http://www.w3.org/1999/xhtml"}}).Open("head");
    out_.Leaf("meta", {{"charset", "utf-8"}});
    out_.Leaf("meta", {{"name", "viewport"}, {"content", "width=device-width, initial-scale=1"}});
    out_.Element("title", {}, RunName(run_) + " · Fovea");
    out_.Open("style").Verbatim(kPageStyle).Close();
    out_.Close().Open("body").Open("main");
    Headline();
    WhatWasTrained();
    Curves();
    Mistakes();
    Samples();
    Filters();
    Next();
    Again();
    out_.Element("footer", {}, "Written by Fovea from the files of " + run_.folder + ".");
    out_.Close().Close().Close();
    return out_.str();
  }

 private:
  void Heading(const char* title, const std::string& lead) {
    out_.Element("h2", {}, title);
    if (!lead.empty()) out_.Element("p", {{"class", "lead"}}, lead);
  }

  void Pair(const char* name, const std::string& value) {
    if (value.empty()) return;
    out_.Open("div").Element("dt", {}, name).Element("dd", {}, value).Close();
  }

  void Headline() {
    out_.Open("header");
    out_.Element("h1", {}, RunName(run_)).Element("p", {{"class", "status"}}, Status(run_));
    out_.Open("div", {{"class", "hero"}});
    const auto best = BestEpoch(run_);
    if (const auto test = TestResult(run_)) {
      const Interval interval = Wilson(test->correct, test->total);
      out_.Element("div", {{"class", "figure"}}, Percent(test->fraction(), 2));
      out_.Element(
          "p", {},
          fmt::format("Shown {} test images that it had never seen, the network named {} correctly. With "
                      "95\xC2\xA0% confidence its accuracy on such images lies between {} and {}.",
                      Grouped(test->total), Grouped(test->correct), Percent(interval.low, 2),
                      Percent(interval.high, 2)));
    } else if (best) {
      out_.Element("div", {{"class", "figure"}}, Percent(*run_.metrics[*best].val_acc, 2));
      out_.Element(
          "p", {},
          fmt::format("This is the best validation accuracy so far, in epoch {}. The test images are "
                      "read once, after the last step; there is no test result yet.",
                      Short(run_.metrics[*best].epoch.value_or(static_cast<double>(*best + 1)))));
    } else {
      out_.Element("p", {},
                   "There is no result yet: neither a test nor a validation accuracy has been recorded.");
    }
    out_.Close();
    out_.Open("dl", {{"class", "tiles"}});
    if (const auto test = TestResult(run_)) {
      Pair("Correct of total", fmt::format("{} / {}", Grouped(test->correct), Grouped(test->total)));
    }
    if (best) Pair("Best validation", Percent(*run_.metrics[*best].val_acc, 2));
    Pair("Training time", std::isfinite(LastSeconds(run_)) ? Duration(LastSeconds(run_)) : "");
    if (const auto rate = MedianRate(run_)) {
      Pair("Images a second", *rate < 100 ? Short(*rate) : Grouped(static_cast<int64_t>(*rate + 0.5)));
    }
    Pair("Epochs", Short(LastEpoch(run_)));
    out_.Close().Close();
  }

  std::string Count(const char* key) const {
    const auto count = run_.ResultCount(key);
    return count ? Grouped(*count) : "";
  }

  void WhatWasTrained() {
    out_.Open("section");
    Heading("What was trained", "");
    out_.Open("dl", {{"class", "facts"}});
    Pair("Network", run_.Config("network"));
    Pair("Parameters", Count("parameters"));
    if (const auto work = run_.ResultCount("multiply_adds")) Pair("Multiply-adds an image", Scaled(*work));
    Pair("Data", run_.Config("data"));
    if (run_.evaluation) Pair("Classes", Grouped(static_cast<int64_t>(run_.evaluation->classes.size())));
    Pair("Training images", Count("train_total"));
    Pair("Validation images", Count("val_total"));
    Pair("Test images", Count("test_total"));
    Pair("Epochs", run_.Config("epochs"));
    Pair("Batch", run_.Config("batch"));
    Pair("Learning rate", run_.Config("lr"));
    Pair("Seed", run_.Config("seed"));
    out_.Close();
    if (!run_.config.empty()) {
      out_.Open("details").Element("summary", {}, "The whole configuration").Open("dl", {{"class", "facts"}});
      for (const auto& [key, value] : run_.config) Pair(key.c_str(), value);
      out_.Close().Close();
    }
    out_.Close();
  }

  // The lines of metrics.csv that are drawn: all, or every k-th, the best, the broken and the last.
  std::vector<std::size_t> DrawnRows() const {
    const std::size_t n = run_.metrics.size(), stride = n / kMostPoints + 1;
    const auto best = BestEpoch(run_), broken = FirstNotFinite(run_);
    std::vector<std::size_t> rows;
    for (std::size_t i = 0; i < n; ++i) {
      if (i % stride == 0 || i + 1 == n || i == best || i == broken) rows.push_back(i);
    }
    return rows;
  }

  ChartSeries Series(const char* name, const std::vector<std::size_t>& rows, Column column) const {
    ChartSeries series{name, {}, std::nullopt};
    for (const std::size_t row : rows) series.y.push_back(run_.metrics[row].*column);
    return series;
  }

  LineChart Chart(const char* title, const std::vector<std::size_t>& rows) const {
    LineChart chart{title, "", "epoch", {}, {}, false};
    bool by_epoch = true;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const auto& epoch = run_.metrics[rows[i]].epoch;
      by_epoch = by_epoch && epoch && std::isfinite(*epoch) && (i == 0 || chart.x.back() < *epoch);
      if (by_epoch) chart.x.push_back(*epoch);
    }
    if (!by_epoch) {
      chart.x_name = "line of metrics.csv";
      chart.x.clear();
      for (const std::size_t row : rows) chart.x.push_back(static_cast<double>(row + 1));
    }
    return chart;
  }

  void Curve(LineChart chart, const std::string& note) {
    for (const ChartSeries& series : chart.series) {
      const auto shown = [](const std::optional<double>& y) { return y && std::isfinite(*y); };
      const auto first = std::find_if(series.y.begin(), series.y.end(), shown);
      const auto last = std::find_if(series.y.rbegin(), series.y.rend(), shown);
      if (first == series.y.end()) continue;
      const auto text = [&chart](double y) { return chart.percent ? Percent(y) : Short(y); };
      chart.description += fmt::format("{}: from {} to {}. ", series.name, text(**first), text(**last));
    }
    out_.Open("figure");
    out_.Element("figcaption", {}, chart.title);
    DrawLineChart(chart, out_);
    std::string words = note;
    if (const int broken = NotFinite(chart)) {
      words += fmt::format("{}{} not a number: crosses at the top edge.", words.empty() ? "" : " ",
                           broken == 1 ? "One value is" : fmt::format("{} values are", broken));
    }
    if (!words.empty()) out_.Element("p", {{"class", "note"}}, words);
    out_.Close();
  }

  void Curves() {
    out_.Open("section");
    if (run_.metrics.empty()) {
      Heading("Learning curves", "They begin with the first finished epoch.");
      out_.Close();
      return;
    }
    Heading("Learning curves",
            "Training is measured on augmented images while the weights move, so validation can lie "
            "above it. A ring marks the best validation accuracy.");
    const auto rows = DrawnRows();
    out_.Open("div", {{"class", "charts"}});
    LineChart loss = Chart("Loss", rows);
    loss.series = {Series("training", rows, &MetricsRow::train_loss),
                   Series("validation", rows, &MetricsRow::val_loss)};
    Curve(loss, IsLogarithmic(loss) ? "The scale is logarithmic." : "");
    LineChart accuracy = Chart("Accuracy", rows);
    accuracy.percent = true;
    accuracy.series = {Series("training", rows, &MetricsRow::train_acc),
                       Series("validation", rows, &MetricsRow::val_acc)};
    if (const auto best = BestEpoch(run_)) {
      const auto at = std::find(rows.begin(), rows.end(), *best);
      accuracy.series[1].highlight = static_cast<std::size_t>(at - rows.begin());
    }
    Curve(accuracy, "");
    LineChart rate = Chart("Learning rate", rows);
    rate.series = {Series("learning rate", rows, &MetricsRow::lr)};
    Curve(rate, IsLogarithmic(rate) ? "The scale is logarithmic." : "");
    LineChart speed = Chart("Images a second", rows);
    speed.series = {Series("images a second", rows, &MetricsRow::images_per_second)};
    Curve(speed, "");
    out_.Close();
    Table();
    out_.Close();
  }

  void Table() {
    static constexpr std::pair<const char*, Column> kColumns[] = {
        {"epoch", &MetricsRow::epoch},
        {"training loss", &MetricsRow::train_loss},
        {"validation loss", &MetricsRow::val_loss},
        {"training", &MetricsRow::train_acc},
        {"validation", &MetricsRow::val_acc},
        {"learning rate", &MetricsRow::lr},
        {"images/s", &MetricsRow::images_per_second},
        {"seconds", &MetricsRow::seconds}};
    out_.Open("details").Element("summary", {}, "The same as numbers");
    out_.Open("div", {{"class", "scroll"}}).Open("table", {{"class", "numbers"}}).Open("thead").Open("tr");
    for (const auto& [name, column] : kColumns) out_.Element("th", {{"scope", "col"}}, name);
    out_.Close().Close().Open("tbody");
    const std::size_t n = run_.metrics.size(), first = n > kMostTableRows ? n - kMostTableRows : 0;
    for (std::size_t i = first; i < n; ++i) {
      out_.Open("tr");
      for (const auto& [name, column] : kColumns) {
        const auto& value = run_.metrics[i].*column;
        const bool accuracy = column == &MetricsRow::train_acc || column == &MetricsRow::val_acc;
        out_.Element("td", {}, !value ? "" : accuracy ? Percent(*value, 2) : Short(*value));
      }
      out_.Close();
    }
    out_.Close().Close().Close();
    if (first > 0) out_.Element("p", {{"class", "note"}}, fmt::format("The last {} lines.", kMostTableRows));
    out_.Close();
  }

  const std::string& ClassName(int label) const {
    return run_.evaluation->classes[static_cast<std::size_t>(label)];
  }

  void Mistakes() {
    if (!run_.evaluation || run_.evaluation->confusion.empty()) return;
    const EvaluationRecord& evaluation = *run_.evaluation;
    const bool draw = evaluation.confusion.size() <= kLargestMatrix;
    out_.Open("section");
    Heading("What is taken for what",
            draw ? "Each row holds the images of one true class, each column those that the network put into "
                   "a class. Blue "
                   "on the diagonal is right, orange beside it is wrong."
                 : fmt::format(
                       "A matrix of {} classes would be too fine to read; these are its classes in words.",
                       Grouped(static_cast<int64_t>(evaluation.confusion.size()))));
    out_.Open("div", {{"class", draw ? "pair" : ""}});
    if (draw) DrawConfusionMatrix(evaluation, out_);
    out_.Open("div");
    Confusions();
    Classes();
    out_.Close().Close().Close();
  }

  void Confusions() {
    const auto worst = WorstConfusions(*run_.evaluation, 3);
    out_.Element("h3", {}, "Most frequent confusions");
    if (worst.empty()) {
      out_.Element("p", {}, "None: every image was named correctly.");
      return;
    }
    const auto classes = AccuracyByClass(*run_.evaluation);
    out_.Open("ol", {{"class", "confusions"}});
    for (const Confusion& c : worst) {
      const ClassAccuracy& truth = classes[static_cast<std::size_t>(c.truth)];
      out_.Element(
          "li", {},
          fmt::format("‘{}’ was taken for ‘{}’ {} of {} ({}).", ClassName(c.truth), ClassName(c.prediction),
                      c.count == 1 ? "once" : Plural(c.count, "time"), Grouped(truth.total),
                      Percent(static_cast<double>(c.count) / static_cast<double>(truth.total))));
    }
    out_.Close();
  }

  void Classes() {
    auto classes = AccuracyByClass(*run_.evaluation);
    const bool all = classes.size() <= kMostClassRows;
    if (!all) {
      std::stable_sort(classes.begin(), classes.end(),
                       [](const auto& a, const auto& b) { return a.fraction() < b.fraction(); });
      std::erase_if(classes, [](const ClassAccuracy& c) { return c.total == 0; });
      classes.resize(std::min(classes.size(), kMostClassRows));
    }
    out_.Element("h3", {},
                 all ? "Accuracy of each class" : fmt::format("The {} weakest classes", classes.size()));
    out_.Open("table", {{"class", "classes"}}).Open("tbody");
    for (const ClassAccuracy& entry : classes) {
      out_.Open("tr").Element("th", {{"scope", "row"}}, ClassName(entry.label));
      out_.Open("td", {{"class", "bar"}});
      out_.Open("svg", {{"viewBox", "0 0 100 8"}, {"preserveAspectRatio", "none"}, {"aria-hidden", "true"}});
      out_.Leaf("rect", {{"class", "track"}, {"width", "100"}, {"height", "8"}});
      out_.Leaf("rect", {{"class", "fill"}, {"width", Coordinate(100 * entry.fraction())}, {"height", "8"}});
      out_.Close().Close();
      out_.Element("td", {}, entry.total == 0 ? "no image" : Percent(entry.fraction()));
      out_.Close();
    }
    out_.Close().Close();
  }

  void Samples() {
    if (!run_.evaluation || run_.evaluation->samples.empty()) return;
    out_.Open("section");
    Heading("Some predictions",
            "Test images with the class that the network gave and how sure it was. Wrong ones come first, "
            "the surest of "
            "them leading: they show what it has not understood, or a label that is wrong.");
    DrawPredictions(*run_.evaluation, kMostSamples, out_);
    out_.Close();
  }

  void Filters() {
    if (first_layer_.filters.empty()) return;
    std::vector<ByteImage> filters = first_layer_.filters;
    const std::size_t all = filters.size();
    filters.resize(std::min(all, kMostFilters));
    out_.Open("section");
    Heading(
        "First-layer filters",
        fmt::format(
            "The weights of ‘{}’{}, each filter as the patch of image that it answers to most. Mid-grey is "
            "zero. Edges and colour contrasts are a good sign; filters that look like noise, or are flat, "
            "have learned little.",
            first_layer_.name,
            all > filters.size() ? fmt::format(" (the first {} of {})", filters.size(), all) : ""));
    DrawFilters(filters, first_layer_.name, out_);
    out_.Close();
  }

  void Next() {
    out_.Open("section", {{"class", "next"}});
    Heading("What to try next", "");
    for (const std::string& paragraph : Advice(run_)) out_.Element("p", {}, paragraph);
    out_.Close();
  }

  void Again() {
    const std::string config = Quoted(run_.folder + "/config.toml");
    out_.Open("section");
    Heading("Do it again", "");
    out_.Element("h3", {}, "The same run, with the same weights at the end, bit for bit");
    out_.Element("pre", {},
                 fmt::format("fovea train --config {} --out {}", config, Quoted(run_.folder + "-again")));
    out_.Element("h3", {}, "Go on where this run stopped");
    out_.Element("pre", {}, fmt::format("fovea train --resume {}", Quoted(run_.folder)));
    if (TestResult(run_)) {
      out_.Element("h3", {}, "Measure the test accuracy once more");
      out_.Element("pre", {},
                   fmt::format("fovea eval {} --data {} --split test", Quoted(run_.folder),
                               Quoted(run_.Config("data"))));
    }
    out_.Close();
  }

  const RunRecord& run_;
  const FirstLayer& first_layer_;
  Markup out_;
};

}  // namespace

std::string RenderPage(const RunRecord& run, const FirstLayer& first_layer) {
  return Page(run, first_layer).Render();
}

}  // namespace fovea
