#include "fovea/formats/byte_source.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "fovea/base/error.h"

namespace fovea {
namespace {

class FileSource final : public ByteSource {
 public:
  FileSource(const std::string& path, int fd, int64_t size) : ByteSource(path, size), fd_(fd) {}
  ~FileSource() override { ::close(fd_); }
  FileSource(const FileSource&) = delete;
  FileSource& operator=(const FileSource&) = delete;
  bool IsFile() const override { return true; }

 private:
  void Copy(int64_t offset, int64_t count, void* to) const override {
    char* at = static_cast<char*>(to);
    while (count > 0) {
      const ssize_t got = ::pread(fd_, at, static_cast<std::size_t>(count), offset);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) throw IoError(fmt::format("cannot read {}: {}", name(), std::strerror(errno)));
      if (got == 0)
        throw FormatError(fmt::format("{}: at offset {}: the file has become shorter", name(), offset));
      at += got, offset += got, count -= got;
    }
  }

  int fd_;
};

class MemorySource final : public ByteSource {
 public:
  MemorySource(std::string name, std::string_view bytes)
      : ByteSource(std::move(name), static_cast<int64_t>(bytes.size())), bytes_(bytes) {}

 private:
  void Copy(int64_t offset, int64_t count, void* to) const override {
    std::memcpy(to, bytes_.data() + offset, static_cast<std::size_t>(count));
  }

  std::string_view bytes_;
};

}  // namespace

void ByteSource::Read(int64_t offset, int64_t count, void* to) const {
  if (offset < 0 || count < 0 || offset > size_ || count > size_ - offset) {
    throw FormatError(fmt::format("{}: at offset {}: {} bytes are wanted, the file has {} in all", name_,
                                  offset, count, size_));
  }
  if (count > 0) Copy(offset, count, to);
}

std::shared_ptr<const ByteSource> OpenFile(const std::string& path) {
  // Without O_NONBLOCK the opening of a pipe waits until somebody writes to it.
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) throw IoError(fmt::format("cannot read {}: {}", path, std::strerror(errno)));
  struct stat info {};
  if (::fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
    ::close(fd);
    throw IoError(fmt::format("cannot read {}: it is not a regular file", path));
  }
  return std::make_shared<FileSource>(path, fd, info.st_size);
}

std::shared_ptr<const ByteSource> BytesInMemory(std::string name, std::string_view bytes) {
  return std::make_shared<MemorySource>(std::move(name), bytes);
}

}  // namespace fovea
