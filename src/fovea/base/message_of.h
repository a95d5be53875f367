// For tests: what the error that f throws says; empty when it throws none.
#pragma once

#include <string>

#include "fovea/base/error.h"

namespace fovea {

template <class F>
std::string MessageOf(F&& f) {
  try {
    f();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

}  // namespace fovea
