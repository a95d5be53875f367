// The border between exceptions and status codes.
#pragma once

#include <functional>
#include <string>

#include "fovea/capi/fovea.h"

namespace fovea {

// Runs `body`. What it throws becomes a status, and its text the last error of this thread.
fovea_status Guarded(const std::function<void()>& body) noexcept;

const char* LastError() noexcept;

// Throws ArgumentError "`name` is NULL".
void RequirePointer(const void* pointer, const char* name);
// Throws ArgumentError for NULL and for "".
void RequirePath(const char* path);
// Throws ShapeError "x has 7 elements; a batch of 2 needs 150".
void RequireCount(const char* name, std::size_t got, int64_t batch, int64_t each);
// Throws ArgumentError unless 1 <= batch <= max_batch.
void RequireBatch(int64_t batch, int64_t max_batch);

}  // namespace fovea
