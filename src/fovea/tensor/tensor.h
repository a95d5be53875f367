// Tensor owns values, TensorView borrows them. Both are dense and row-major, of any scalar; images are (N, C,
// H, W).
#pragma once

#include <algorithm>
#include <cassert>
#include <cstdint>
#include <memory>
#include <span>
#include <type_traits>

#include "fovea/base/aligned.h"
#include "fovea/tensor/shape.h"

#pragma GCC visibility push(default)
namespace fovea {

// A pointer and a shape; copying it copies neither values nor ownership. A default view is "absent".
template <class T>
class TensorView {
 public:
  TensorView() = default;
  TensorView(T* data, Shape shape) : data_(data), shape_(shape) {}
  // A view of mutable values reads as a view of constant ones.
  operator TensorView<const T>() const { return {data_, shape_}; }

  bool present() const { return data_ != nullptr; }
  T* data() const { return data_; }
  const Shape& shape() const { return shape_; }
  int64_t extent(int axis) const { return shape_[axis]; }
  int64_t size() const { return shape_.Size(); }
  std::span<T> values() const { return {data_, static_cast<std::size_t>(size())}; }

  T& operator[](int64_t i) const { return data_[i]; }
  T& operator()(int64_t i, int64_t j) const {
    assert(shape_.rank() == 2);
    return data_[i * shape_[1] + j];
  }
  T& operator()(int64_t n, int64_t c, int64_t h, int64_t w) const {
    assert(shape_.rank() == 4);
    return data_[((n * shape_[1] + c) * shape_[2] + h) * shape_[3] + w];
  }

 private:
  T* data_ = nullptr;
  Shape shape_;
};

// Values aligned to a cache line. A new tensor is zero; copying copies the values.
template <class T>
class Tensor {
 public:
  Tensor() = default;
  explicit Tensor(Shape shape, T value = T(0))
      : shape_(shape), data_(MakeAligned<T>(static_cast<std::size_t>(shape.Size()))) {
    std::uninitialized_fill_n(data_.get(), shape.Size(), value);
  }
  Tensor(const Tensor& other) { *this = other; }
  Tensor(Tensor&&) noexcept = default;
  Tensor& operator=(Tensor&&) noexcept = default;
  Tensor& operator=(const Tensor& other) {
    if (this == &other) return *this;
    shape_ = other.shape_;
    data_.reset();
    if (other.data_) {
      data_ = MakeAligned<T>(static_cast<std::size_t>(shape_.Size()));
      std::uninitialized_copy_n(other.data(), shape_.Size(), data_.get());
    }
    return *this;
  }

  bool present() const { return data_ != nullptr; }
  T* data() { return data_.get(); }
  const T* data() const { return data_.get(); }
  const Shape& shape() const { return shape_; }
  int64_t extent(int axis) const { return shape_[axis]; }
  int64_t size() const { return data_ ? shape_.Size() : 0; }
  int64_t HeldBytes() const { return data_ ? AlignedBytes<T>(size()) : 0; }
  std::span<T> values() { return {data_.get(), static_cast<std::size_t>(size())}; }
  std::span<const T> values() const { return {data_.get(), static_cast<std::size_t>(size())}; }

  TensorView<T> view() { return {data_.get(), shape_}; }
  TensorView<const T> view() const { return {data_.get(), shape_}; }
  operator TensorView<T>() { return view(); }
  operator TensorView<const T>() const { return view(); }

  T& operator[](int64_t i) { return data_[static_cast<std::size_t>(i)]; }
  const T& operator[](int64_t i) const { return data_[static_cast<std::size_t>(i)]; }
  template <class... Index>
  T& operator()(Index... index) {
    return view()(index...);
  }
  template <class... Index>
  const T& operator()(Index... index) const {
    return view()(index...);
  }

 private:
  Shape shape_;
  AlignedArray<T> data_;
};

// The same values in another scalar.
template <class To, class From>
Tensor<To> Cast(TensorView<From> x) {
  Tensor<To> y(x.shape());
  std::transform(x.values().begin(), x.values().end(), y.data(),
                 [](const From& v) { return static_cast<To>(v); });
  return y;
}

}  // namespace fovea
#pragma GCC visibility pop
