#include "fovea/capi/guard.h"

#include <fmt/format.h>

#include <new>

#include "fovea/base/error.h"

namespace fovea {
namespace {

thread_local std::string last_text;
thread_local const char* last_error = "";

fovea_status Remember(fovea_status status, const char* text) noexcept {
  try {
    last_text = text;
    last_error = last_text.c_str();
  } catch (...) {
    last_error = "not enough memory, not even for the error's text";
  }
  return status;
}

}  // namespace

fovea_status Guarded(const std::function<void()>& body) noexcept {
  try {
    body();
    return FOVEA_OK;
  } catch (const ArgumentError& error) {
    return Remember(FOVEA_BAD_ARGUMENT, error.what());
  } catch (const ShapeError& error) {
    return Remember(FOVEA_BAD_SHAPE, error.what());
  } catch (const FormatError& error) {
    return Remember(FOVEA_BAD_FILE, error.what());
  } catch (const IoError& error) {
    return Remember(FOVEA_IO_ERROR, error.what());
  } catch (const DivergedError& error) {
    return Remember(FOVEA_DIVERGED, error.what());
  } catch (const std::bad_alloc&) {
    return Remember(FOVEA_OUT_OF_MEMORY, "not enough memory; use a smaller batch or network");
  } catch (const std::exception& error) {
    return Remember(FOVEA_INTERNAL, error.what());
  } catch (...) {
    return Remember(FOVEA_INTERNAL, "unknown exception");
  }
}

const char* LastError() noexcept { return last_error; }

void RequirePointer(const void* pointer, const char* name) {
  if (pointer == nullptr) throw ArgumentError(fmt::format("{} is NULL", name));
}

void RequirePath(const char* path) {
  RequirePointer(path, "path");
  if (*path == '\0') throw ArgumentError("path is empty");
}

void RequireCount(const char* name, std::size_t got, int64_t batch, int64_t each) {
  const auto needed = static_cast<std::size_t>(batch) * static_cast<std::size_t>(each);
  if (got != needed) {
    throw ShapeError(fmt::format("{} has {} elements; a batch of {} needs {}", name, got, batch, needed));
  }
}

void RequireBatch(int64_t batch, int64_t max_batch) {
  if (batch < 1 || batch > max_batch) {
    throw ArgumentError(fmt::format("batch is {}; it must be from 1 to max_batch, {}", batch, max_batch));
  }
}

}  // namespace fovea
