#include "fovea/report/advice.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "fovea/report/confusion_matrix.h"
#include "fovea/report/numbers.h"
#include "fovea/report/run_facts.h"

namespace fovea {
namespace {

constexpr double kGap = 0.05;         // training ahead of validation by this much is worth a word
constexpr double kRising = 1.1;       // validation loss above its minimum by this factor
constexpr double kImproving = 0.003;  // accuracy gained over the last fifth of the epochs
constexpr double kLow = 0.9;          // below this, a network that does not overfit may be too small
constexpr std::size_t kMostParagraphs = 4;

using Column = std::optional<double> MetricsRow::*;

std::string Epoch(const RunRecord& run, std::size_t row) {
  const auto& epoch = run.metrics[row].epoch;
  return epoch ? Short(*epoch) : fmt::format("{}", row + 1);
}

std::optional<double> Last(const RunRecord& run, Column column) {
  for (auto row = run.metrics.rbegin(); row != run.metrics.rend(); ++row) {
    if (IsFinite((*row).*column)) return (*row).*column;
  }
  return std::nullopt;
}

// The learning rate that was asked for: what --lr sets. The rates of the epochs follow a schedule below it.
double PeakRate(const RunRecord& run) {
  double peak = 0;
  const std::string text = run.Config("lr");
  std::from_chars(text.data(), text.data() + text.size(), peak);
  if (peak > 0) return peak;
  for (const MetricsRow& row : run.metrics) peak = IsFinite(row.lr) ? std::max(peak, *row.lr) : peak;
  return peak;
}

std::string TryRate(const RunRecord& run, double factor) {
  const double peak = PeakRate(run);
  return peak > 0 ? fmt::format("--lr {} (it was {})", Short(peak * factor), Short(peak)) : "another --lr";
}

class Counsel {
 public:
  explicit Counsel(const RunRecord& run) : run_(run) {}

  std::vector<std::string> Give() {
    if (run_.metrics.empty())
      return {
          "No epoch has finished yet, so there is nothing to conclude. The resume command "
          "below goes on from the last checkpoint, if there is one."};
    if (const auto row = FirstNotFinite(run_)) return {Diverged(*row)};
    Unfinished();
    if (!Guessing()) {
      TooShort();
      Overfitting();
      Rising();
      Improving();
      Underfitting();
      TestBelowValidation();
      WeakClass();
    }
    if (said_.empty()) Content();
    if (said_.size() > kMostParagraphs) said_.resize(kMostParagraphs);
    return said_;
  }

 private:
  std::string Diverged(std::size_t row) const {
    return fmt::format(
        "The numbers stopped being finite in epoch {}: the weights ran away, as they do when steps are too "
        "large. Try {}, or a longer warm-up. If a small rate diverges as well, look for broken values in "
        "the data.",
        Epoch(run_, row), TryRate(run_, 0.3));
  }

  void Unfinished() {
    const auto planned = PlannedEpochs(run_);
    const auto done = static_cast<int64_t>(LastEpoch(run_));
    if (!planned || done >= *planned) return;
    said_.push_back(
        fmt::format("The run stopped after {} of {}. The learning rate had not finished its fall, which is "
                    "where much of the accuracy comes from: resume it before judging.",
                    done, Plural(*planned, "epoch")));
  }

  bool Guessing() {
    const auto accuracy = Last(run_, &MetricsRow::train_acc);
    const std::size_t classes = run_.evaluation ? run_.evaluation->classes.size() : 0;
    if (!accuracy || classes < 2 || *accuracy > 1.5 / static_cast<double>(classes)) return false;
    said_.push_back(fmt::format(
        "Training accuracy is {}, hardly better than guessing among {} classes. Try {} and {}; if "
        "neither moves it, check that labels and images belong together.",
        Percent(*accuracy), classes, TryRate(run_, 0.1), TryRate(run_, 3)));
    return true;
  }

  void TooShort() {
    if (run_.metrics.size() > 2 || !said_.empty()) return;
    said_.push_back(
        fmt::format("{} too short to judge by. Try --epochs 10, and more while validation improves.",
                    run_.metrics.size() == 1 ? "One epoch is" : "Two epochs are"));
  }

  void Overfitting() {
    const auto train = Last(run_, &MetricsRow::train_acc), val = Last(run_, &MetricsRow::val_acc);
    if (!train || !val || *train - *val < kGap) return;
    overfits_ = true;
    said_.push_back(
        fmt::format("The network knows its training images ({}) better than new ones ({}): a gap of {:.1f} "
                    "points. More images help most; then stronger augmentation or weight decay. A larger "
                    "network would widen the gap.",
                    Percent(*train), Percent(*val), (*train - *val) * 100));
  }

  void Rising() {
    double lowest = std::numeric_limits<double>::infinity();
    std::size_t at = 0;
    for (std::size_t i = 0; i < run_.metrics.size(); ++i) {
      const auto& loss = run_.metrics[i].val_loss;
      if (IsFinite(loss) && *loss < lowest) {
        lowest = *loss;
        at = i;
      }
    }
    const auto last = Last(run_, &MetricsRow::val_loss);
    if (!last || *last < kRising * lowest || run_.metrics.size() - at < 3) return;
    said_.push_back(
        fmt::format("Validation loss was lowest in epoch {} ({}) and rose to {} since. The weights kept as "
                    "best are chosen by validation accuracy; a shorter run may serve as well.",
                    Epoch(run_, at), Short(lowest), Short(*last)));
  }

  void Improving() {
    const std::size_t n = run_.metrics.size();
    if (n < 3 || overfits_) return;
    const std::size_t before = n - 1 - std::max<std::size_t>(1, n / 5);
    const auto last = Last(run_, &MetricsRow::val_acc);
    const auto& then = run_.metrics[before].val_acc;
    if (!last || !IsFinite(then) || *last - *then < kImproving) return;
    said_.push_back(fmt::format(
        "Validation accuracy was still rising at the end: from {} in epoch {} to {}. A longer run, "
        "with {}, should go further.",
        Percent(*then), Epoch(run_, before), Percent(*last), MoreEpochs()));
  }

  std::string MoreEpochs() const {
    const int64_t done = static_cast<int64_t>(LastEpoch(run_));
    return fmt::format("--epochs {}", 2 * std::max(done, PlannedEpochs(run_).value_or(done)));
  }

  void Underfitting() {
    const auto train = Last(run_, &MetricsRow::train_acc);
    if (!train || overfits_ || *train >= kLow || !said_.empty()) return;
    said_.push_back(
        fmt::format("Training accuracy itself is {}, and it has levelled off: the network is too small for "
                    "this task, or its steps are. Try a larger network, or {}.",
                    Percent(*train), TryRate(run_, 3)));
  }

  void TestBelowValidation() {
    const auto correct = run_.ResultCount("test_correct"), total = run_.ResultCount("test_total");
    const auto best = BestEpoch(run_);
    if (!correct || !total || *total == 0 || !best) return;
    const double val = *run_.metrics[*best].val_acc;
    const double test = static_cast<double>(*correct) / static_cast<double>(*total);
    if (val <= Wilson(*correct, *total).high || val - test < 0.01) return;
    said_.push_back(
        fmt::format("The test result ({}) lies below the best validation result ({}) by more than chance "
                    "explains: the test images differ from the training images, or so many epochs were "
                    "compared that the best was partly luck.",
                    Percent(test), Percent(val)));
  }

  void WeakClass() {
    if (!run_.evaluation || run_.evaluation->confusion.size() < 3) return;
    int64_t correct = 0, total = 0;
    ClassAccuracy worst{0, 1, 1};
    for (const ClassAccuracy& entry : AccuracyByClass(*run_.evaluation)) {
      correct += entry.correct;
      total += entry.total;
      if (entry.total > 0 && entry.fraction() < worst.fraction()) worst = entry;
    }
    if (total == 0) return;
    // Below the others by more than its own size lets chance do.
    const double mean = static_cast<double>(correct) / static_cast<double>(total);
    if (Wilson(worst.correct, worst.total).high > mean - 0.02) return;
    said_.push_back(
        fmt::format("‘{}’ is the weakest class: {} right, against {} over all. Look at its images in the "
                    "samples, and add more of them.",
                    run_.evaluation->classes[static_cast<std::size_t>(worst.label)],
                    Percent(worst.fraction()), Percent(mean)));
  }

  void Content() {
    said_.push_back(
        "Nothing in these numbers asks for a change: training and validation agree and have levelled off. To "
        "go further, try a larger network or more images; to be sure, repeat with another --seed and see how "
        "far the result moves.");
  }

  const RunRecord& run_;
  std::vector<std::string> said_;
  bool overfits_ = false;
};

}  // namespace

std::vector<std::string> Advice(const RunRecord& run) { return Counsel(run).Give(); }

}  // namespace fovea
