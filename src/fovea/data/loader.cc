#include "fovea/data/loader.h"

#include <fmt/format.h>

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
    thread_ = std::thread([this] { Work(); });
  }

  ~Impl() {
    {
      const std::lock_guard lock(mutex_);
      stop_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }

  bool Next(Batch& batch) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return !ready_.empty() || done_; });
    if (!ready_.empty()) {
      batch = std::move(ready_.front());
      ready_.pop_front();
      changed_.notify_all();
      return true;
    }
    if (error_) std::rethrow_exception(error_);
    return false;
  }

 private:
  static constexpr std::size_t kAhead = 3;  // batches waiting

  void Work() {
    try {
      for (; next_ < static_cast<int64_t>(sizes_.size()); next_++) {
        Batch batch = Make(sizes_[static_cast<std::size_t>(next_)]);
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return ready_.size() < kAhead || stop_; });
        if (stop_) return;
        ready_.push_back(std::move(batch));
        changed_.notify_all();
      }
    } catch (...) {
      const std::lock_guard lock(mutex_);
      error_ = std::current_exception();
    }
    const std::lock_guard lock(mutex_);
    done_ = true;
    changed_.notify_all();
  }

  Batch Make(int64_t size) {
    Batch batch;
    batch.images = Tensor<float>({size, shape_[0], shape_[1], shape_[2]});
    std::vector<uint8_t> pixels(static_cast<std::size_t>(shape_.Size())), changed(pixels.size());
    const RandomKey key{options_.seed, Purpose::kAugment, static_cast<uint32_t>(epoch_)};
    for (int64_t i = 0; i < size; i++) {
      const int64_t image = order_[static_cast<std::size_t>(position_++)];
      batch.samples.push_back(image);
      batch.labels.push_back(data_.Read(options_.split, image, pixels.data()));
      const bool augment = options_.augmentation.crop_padding > 0 || options_.augmentation.flip;
      if (augment) Augment(options_.augmentation, shape_, key, image, pixels.data(), changed.data());
      table_.Apply(shape_, (augment ? changed : pixels).data(), &batch.images(i, 0, 0, 0));
    }
    return batch;
  }

  const Dataset& data_;
  const LoaderOptions options_;
  const int64_t epoch_;
  const Shape shape_;
  const PixelTable table_;
  std::vector<int64_t> order_, sizes_;
  int64_t next_, position_ = 0;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Batch> ready_;
  std::exception_ptr error_;
  bool stop_ = false, done_ = false;
  std::thread thread_;
};

Loader::Loader(const Dataset& data, const Preprocessing& preprocessing, std::vector<int64_t> indices,
               const LoaderOptions& options, int64_t epoch, int64_t first)
    : impl_(std::make_unique<Impl>(data, preprocessing, std::move(indices), options, epoch, first)) {}
Loader::~Loader() = default;
bool Loader::Next(Batch& batch) { return impl_->Next(batch); }

}  // namespace fovea
