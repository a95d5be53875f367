#include "fovea/cli/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "fovea/base/measure.h"
#include "fovea/kernels/dispatch.h"

namespace fovea {

Progress::Progress() : terminal_(isatty(fileno(stdout)) != 0) {}

void Progress::OnStart(const RunStart& s) {
  epochs_ = s.config.epochs;
  images_of_epoch_ = s.train_images;
  fmt::print("{} on {}: {} parameters, {:.1f} M multiply-adds an image\n", s.config.network, s.config.data,
             s.model.network.ParameterCount(), static_cast<double>(s.model.network.MultiplyAdds()) / 1e6);
  fmt::print(
      "{} training images, {} for validation; {} epochs, {} steps of {} images; {} kernels, {:.0f} MiB\n",
      s.train_images, s.val_images, s.config.epochs, s.steps, s.config.batch, Kernels().name,
      static_cast<double>(s.memory_bytes) / (1 << 20));
  constexpr std::size_t kShown = 5;
  for (std::size_t i = 0; i < std::min(kShown, s.remarks.size()); i++)
    fmt::print("left out: {}\n", s.remarks[i]);
  if (s.remarks.size() > kShown) fmt::print("left out: {} more\n", s.remarks.size() - kShown);
  if (s.first_step > 0) fmt::print("going on from step {}\n", s.first_step);
  std::fflush(stdout);
}

void Progress::OnStep(const StepEvent& e) {
  if (!terminal_ || Now() - shown_ < 0.1) return;
  shown_ = Now();
  const double left = e.images_per_second > 0 ? static_cast<double>(e.steps - e.step) *
                                                    static_cast<double>(images_of_epoch_ * epochs_) /
                                                    static_cast<double>(e.steps) / e.images_per_second
                                              : 0;
  fmt::print(
      "\r\033[Kepoch {}/{}  step {}/{}  loss {:.4f}  accuracy {:.2f} %  {:.0f} images/s  {:.0f} s left",
      e.epoch, epochs_, e.step, e.steps, e.loss, 100 * e.accuracy, e.images_per_second, left);
  std::fflush(stdout);
}

void Progress::OnEpoch(const EpochMetrics& m) {
  const std::string validation = m.validated ? fmt::format("  validation loss {:.4f} accuracy {:6.2f} %",
                                                           m.val_loss, 100 * m.val_accuracy)
                                             : "";
  fmt::print("{}epoch {:>3}/{}  loss {:.4f} accuracy {:6.2f} %{}  {:.0f} images/s  {:.1f} s\n",
             terminal_ ? "\r\033[K" : "", m.epoch, epochs_, m.train_loss, 100 * m.train_accuracy, validation,
             m.images_per_second, m.seconds);
  std::fflush(stdout);
}

}  // namespace fovea
