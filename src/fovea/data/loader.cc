#include "fovea/data/loader.h"

#include <fmt/format.h>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <thread>

#include "fovea/base/error.h"
#include "fovea/base/random.h"
#include "fovea/data/pixel_table.h"

namespace fovea {

std::vector<int64_t> EpochOrder(std::vector<int64_t> indices, uint64_t seed, int64_t epoch) {
  RandomStream random({seed, Purpose::kShuffle, static_cast<uint32_t>(epoch)}, 0);
  for (std::size_t i = indices.size(); i > 1; i--) {
    std::swap(indices[i - 1], indices[random.Below(static_cast<uint32_t>(i))]);
  }
  return indices;
}

std::vector<int64_t> BatchSizes(int64_t count, int64_t batch) {
  if (batch < 1) throw ArgumentError(fmt::format("a batch of {} images; it must hold at least 1", batch));
  std::vector<int64_t> sizes(static_cast<std::size_t>(count / batch), batch);
  const int64_t rest = count % batch;
  if (rest == 1 && !sizes.empty()) {
    sizes.back()++;
  } else if (rest > 0) {
    sizes.push_back(rest);
  }
  return sizes;
}

class Loader::Impl {
 public:
  Impl(const Dataset& data, const Preprocessing& preprocessing, std::vector<int64_t> indices,
       const LoaderOptions& options, int64_t epoch, int64_t first)
      : data_(data),
        options_(options),
        epoch_(epoch),
        shape_(data.ImageShape()),
        table_(preprocessing),
        next_(first) {
    sizes_ = BatchSizes(static_cast<int64_t>(indices.size()), options.batch);
    order_ = options.shuffle ? EpochOrder(std::move(indices), options.seed, epoch) : std::move(indices);
    if (first < 0 || first > static_cast<int64_t>(sizes_.size())) {
      throw ArgumentError(
          fmt::format("an epoch of {} batches cannot start at batch {}", sizes_.size(), first));
    }
    for (int64_t b = 0; b < first; b++) position_ += sizes_[static_cast<std::size_t>(b)];
    for (int i = 0; i < std::max(1, options.workers); i++) workers_.emplace_back([this] { Work(); });
  }

  ~Impl() {
    {
      const std::lock_guard lock(mutex_);
      stop_ = true;
    }
    changed_.notify_all();
    for (std::thread& worker : workers_) worker.join();
  }

  bool Next(Batch& batch) {
    std::unique_lock lock(mutex_);
    if (slots_.empty() && AllOpened()) return false;
    changed_.wait(lock, [&] { return !slots_.empty() && slots_.front()->done == slots_.front()->size; });
    const std::shared_ptr<Slot> slot = std::move(slots_.front());
    slots_.pop_front();
    changed_.notify_all();
    if (slot->error) std::rethrow_exception(slot->error);
    batch = std::move(slot->batch);
    return true;
  }

 private:
  static constexpr std::size_t kAhead = 3;  // batches begun and not yet taken
  static constexpr int64_t kChunk = 8;      // images that a worker takes at a time

  // A batch in the making.
  struct Slot {
    Batch batch;
    int64_t number, first, size;  // first: place of its first image in the epoch's order
    int64_t taken = 0, done = 0;  // images
    int64_t failed = 0;           // which image failed, when one did: the first in order counts
    std::exception_ptr error = {};
  };

  bool AllOpened() const { return next_ >= static_cast<int64_t>(sizes_.size()); }

  void Work() {
    std::unique_lock lock(mutex_);
    for (;;) {
      std::shared_ptr<Slot> slot;
      changed_.wait(lock, [&] { return stop_ || (slot = Unfinished()) || AllOpened(); });
      if (stop_ || !slot) return;
      const int64_t begin = slot->taken, end = std::min(begin + kChunk, slot->size);
      slot->taken = end;
      lock.unlock();
      int64_t at = begin;
      std::exception_ptr error;
      try {
        for (; at < end; at++) Make(*slot, at);
      } catch (...) {
        error = std::current_exception();
      }
      lock.lock();
      if (error && (!slot->error || at < slot->failed)) slot->error = error, slot->failed = at;
      const bool last = slot->done + end - begin == slot->size;
      if (last && !slot->error) {
        lock.unlock();
        Mix(options_.mixing, options_.seed, epoch_, slot->number, slot->batch);
        lock.lock();
      }
      slot->done += end - begin;
      if (slot->done == slot->size) changed_.notify_all();
    }
  }

  // The batch that still has images to take, opened when there is room; null when there is none.
  std::shared_ptr<Slot> Unfinished() {
    if (!slots_.empty() && slots_.back()->taken < slots_.back()->size) return slots_.back();
    if (AllOpened() || slots_.size() == kAhead) return nullptr;
    const int64_t size = sizes_[static_cast<std::size_t>(next_)];
    auto slot = std::make_shared<Slot>();
    slot->number = next_++, slot->first = position_, slot->size = size;
    position_ += size;
    slot->batch.images = Tensor<float>({size, shape_[0], shape_[1], shape_[2]});
    slot->batch.labels.resize(static_cast<std::size_t>(size));
    const auto first = order_.begin() + slot->first;
    slot->batch.samples.assign(first, first + size);
    slots_.push_back(slot);
    return slot;
  }

  void Make(Slot& slot, int64_t i) const {
    const auto at = static_cast<std::size_t>(i);
    const int64_t image = slot.batch.samples[at];
    std::vector<uint8_t> pixels(static_cast<std::size_t>(shape_.Size())), changed;
    slot.batch.labels[at] = data_.Read(options_.split, image, pixels.data());
    if (options_.augmentation.Any()) {
      const RandomKey key{options_.seed, Purpose::kAugment, static_cast<uint32_t>(epoch_)};
      changed.resize(pixels.size());
      Augment(options_.augmentation, shape_, key, image, pixels.data(), changed.data());
      pixels.swap(changed);
    }
    table_.Apply(shape_, pixels.data(), &slot.batch.images(i, 0, 0, 0));
  }

  const Dataset& data_;
  const LoaderOptions options_;
  const int64_t epoch_;
  const Shape shape_;
  const PixelTable table_;
  std::vector<int64_t> order_, sizes_;
  int64_t next_, position_ = 0;  // number of the next batch to open, place of its first image
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::shared_ptr<Slot>> slots_;
  bool stop_ = false;
  std::vector<std::thread> workers_;
};

Loader::Loader(const Dataset& data, const Preprocessing& preprocessing, std::vector<int64_t> indices,
               const LoaderOptions& options, int64_t epoch, int64_t first)
    : impl_(std::make_unique<Impl>(data, preprocessing, std::move(indices), options, epoch, first)) {}
Loader::~Loader() = default;
bool Loader::Next(Batch& batch) { return impl_->Next(batch); }

}  // namespace fovea
