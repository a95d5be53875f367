#include "fovea/report/sections.h"

#include <fmt/format.h>

#include <cmath>
#include <optional>

#include "fovea/report/numbers.h"
#include "fovea/report/run_facts.h"

namespace fovea {
namespace {

void Pair(const char* name, const std::string& value, Markup& out) {
  if (value.empty()) return;
  out.Open("div").Element("dt", {}, name).Element("dd", {}, value).Close();
}

void WriteLayers(const ModelRecord& model, Markup& out) {
  out.Open("details").Element("summary", {}, "The network, layer by layer");
  out.Open("div", {{"class", "scroll"}}).Open("table", {{"class", "numbers words"}}).Open("thead").Open("tr");
  for (const char* name : {"layer", "type", "output", "parameters"})
    out.Element("th", {{"scope", "col"}}, name);
  out.Close().Close().Open("tbody");
  for (const LayerRecord& layer : model.layers) {
    out.Open("tr");
    out.Element("td", {}, layer.name).Element("td", {}, layer.type).Element("td", {}, layer.output);
    out.Element("td", {}, layer.parameters > 0 ? Grouped(layer.parameters) : "").Close();
  }
  out.Close().Close().Close().Close();
}

}  // namespace

void WriteHeadline(const RunRecord& run, Markup& out) {
  out.Open("header");
  out.Element("h1", {}, RunName(run)).Element("p", {{"class", "status"}}, Status(run));
  out.Open("div", {{"class", "hero"}});
  const auto best = BestEpoch(run);
  if (const auto test = TestResult(run)) {
    const Interval interval = Wilson(test->correct, test->total);
    out.Element("div", {{"class", "figure"}}, Percent(test->fraction(), 2));
    out.Element("p", {},
                fmt::format("Shown {} that it had never seen, the network named {} correctly. With "
                            "95\xC2\xA0% confidence its accuracy on such images lies between {} and {}.",
                            Plural(test->total, "test image"), Grouped(test->correct),
                            Percent(interval.low, 2), Percent(interval.high, 2)));
  } else if (best) {
    out.Element("div", {{"class", "figure"}}, Percent(*run.metrics[*best].val_acc, 2));
    out.Element("p", {},
                fmt::format("This is the best validation accuracy so far, in epoch {}. The test images are "
                            "read once, after the last step; there is no test result yet.",
                            Short(run.metrics[*best].epoch.value_or(static_cast<double>(*best + 1)))));
  } else {
    out.Element("p", {},
                "There is no result yet: neither a test nor a validation accuracy has been recorded.");
  }
  out.Close();
  out.Open("dl", {{"class", "tiles"}});
  if (const auto test = TestResult(run)) {
    Pair("Correct of total", fmt::format("{} / {}", Grouped(test->correct), Grouped(test->total)), out);
  }
  if (best) Pair("Best validation", Percent(*run.metrics[*best].val_acc, 2), out);
  Pair("Training time", std::isfinite(LastSeconds(run)) ? Duration(LastSeconds(run)) : "", out);
  if (const auto rate = MedianRate(run)) {
    Pair("Images a second", *rate < 100 ? Short(*rate) : Short(std::floor(*rate + 0.5)), out);
  }
  Pair("Epochs", Short(LastEpoch(run)), out);
  out.Close().Close();
}

void WriteConfiguration(const RunRecord& run, Markup& out) {
  out.Open("section");
  WriteHeading("What was trained",
               run.config.empty() ? "The folder holds no config.toml, so this is not recorded." : "", out);
  out.Open("dl", {{"class", "facts"}});
  Pair("Network", run.Config("network"), out);
  if (run.model) {
    Pair("Parameters", Grouped(run.model->parameters), out);
    Pair("Multiply-adds", Scaled(run.model->multiply_adds), out);
    Pair("Input", run.model->input, out);
  }
  Pair("Data", run.Config("data"), out);
  if (run.evaluation) Pair("Classes", Grouped(static_cast<int64_t>(run.evaluation->classes.size())), out);
  if (const auto test = TestResult(run)) Pair("Test images", Grouped(test->total), out);
  Pair("Weights tested", run.Result("weights"), out);
  Pair("Epochs", run.Config("epochs"), out);
  Pair("Batch", run.Config("batch"), out);
  Pair("Learning rate, at most", run.Config("lr"), out);
  Pair("Schedule", run.Config("schedule"), out);
  Pair("Weight decay", run.Config("weight_decay"), out);
  Pair("Seed", run.Config("seed"), out);
  out.Close();
  if (run.model) WriteLayers(*run.model, out);
  if (!run.config.empty()) {
    out.Open("details").Element("summary", {}, "The whole configuration").Open("dl", {{"class", "facts"}});
    for (const auto& [key, value] : run.config) Pair(key.c_str(), value, out);
    out.Close().Close();
  }
  out.Close();
}

}  // namespace fovea
