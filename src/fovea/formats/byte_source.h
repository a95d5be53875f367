// Bytes that a reader takes piece by piece: a file, or a text in memory. What a file holds is read where it is wanted and
// nowhere else, so weights go from the disk to their tensor without a copy between.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace fovea {

class ByteSource {
 public:
  virtual ~ByteSource() = default;

  const std::string& name() const { return name_; }
  int64_t size() const { return size_; }
  virtual bool IsFile() const { return false; }

  // Copies `count` bytes from `offset`. Throws FormatError when they are not all there, IoError when the system refuses.
  void Read(int64_t offset, int64_t count, void* to) const;

 protected:
  ByteSource(std::string name, int64_t size) : name_(std::move(name)), size_(size) {}

 private:
  virtual void Copy(int64_t offset, int64_t count, void* to) const = 0;

  std::string name_;
  int64_t size_;
};

// Throws IoError when the file cannot be opened or is not a regular one.
std::shared_ptr<const ByteSource> OpenFile(const std::string& path);

// `bytes` must outlive what is returned.
std::shared_ptr<const ByteSource> BytesInMemory(std::string name, std::string_view bytes);

}  // namespace fovea
