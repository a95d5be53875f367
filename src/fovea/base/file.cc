#include "fovea/base/file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "fovea/base/error.h"

namespace fovea {
namespace {

[[noreturn]] void Fail(const char* what, const std::string& path, int error) {
  throw IoError(fmt::format("cannot {} {}: {}", what, path, std::strerror(error)));
}

// A file descriptor that closes itself.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }
  int Close() {
    const int fd = fd_;
    fd_ = -1;
    return ::close(fd);
  }

 private:
  int fd_;
};

int WriteAll(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

int WriteAndFlush(const std::string& path, std::string_view bytes) {
  Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  if (file.get() < 0) return errno;
  if (const int error = WriteAll(file.get(), bytes)) return error;
  if (::fsync(file.get()) != 0) return errno;
  return file.Close() != 0 ? errno : 0;
}

// The regular file that is to be replaced, links followed; `path` itself where nothing is there yet.
std::string FileToReplace(const std::string& path) {
  struct stat info {};
  if (::lstat(path.c_str(), &info) != 0) return path;
  char resolved[PATH_MAX];
  if (::realpath(path.c_str(), resolved) == nullptr || ::stat(resolved, &info) != 0)
    Fail("write", path, errno);
  if (S_ISDIR(info.st_mode)) Fail("write", path, EISDIR);
  if (!S_ISREG(info.st_mode)) throw IoError(fmt::format("cannot write {}: it is not a regular file", path));
  return resolved;
}

}  // namespace

std::string ReadFile(const std::string& path, int64_t max_bytes) {
  // Without O_NONBLOCK the opening of a pipe waits until somebody writes to it.
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.get() < 0) Fail("read", path, errno);
  struct stat info {};
  if (::fstat(file.get(), &info) != 0) Fail("read", path, errno);
  if (S_ISDIR(info.st_mode)) Fail("read", path, EISDIR);
  if (!S_ISREG(info.st_mode)) {
    throw IoError(
        fmt::format("cannot read {}: it is a pipe or a device; copy its bytes to a file first", path));
  }
  if (info.st_size > max_bytes) {
    throw FormatError(fmt::format("{}: {} bytes; at most {} are read", path, info.st_size, max_bytes));
  }
  std::string bytes(static_cast<std::size_t>(info.st_size), '\0');
  std::size_t got = 0;
  while (got < bytes.size()) {
    const ssize_t count = ::read(file.get(), bytes.data() + got, bytes.size() - got);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) Fail("read", path, errno);
    if (count == 0) break;
    got += static_cast<std::size_t>(count);
  }
  bytes.resize(got);
  return bytes;
}

void WriteFileAtomic(const std::string& path, std::string_view bytes) {
  const std::string target = FileToReplace(path), temporary = fmt::format("{}.{}.tmp", target, ::getpid());
  int error = WriteAndFlush(temporary, bytes);
  if (error == 0 && ::rename(temporary.c_str(), target.c_str()) != 0) error = errno;
  if (error != 0) {
    ::unlink(temporary.c_str());
    Fail("write", path, error);
  }
  const auto folder = std::filesystem::path(target).parent_path();
  Descriptor directory(::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory.get() >= 0) ::fsync(directory.get());
}

void CreateFolders(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) Fail("create folder", path, error.value());
}

}  // namespace fovea
