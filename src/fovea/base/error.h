// The errors of Fovea. Each message names the thing at fault, what it got, what it needed, and the fix where
// there is one. The tool maps the class to its exit code.
#pragma once

#include <stdexcept>
#include <string>

#pragma GCC visibility push(default)
namespace fovea {

class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// A tensor does not have the shape that an operation needs.
class ShapeError : public Error {
 public:
  using Error::Error;
};

// A caller passed a value outside its documented range, or an unknown name.
class ArgumentError : public Error {
 public:
  using Error::Error;
};

// The bytes of an input file are not what their format demands.
class FormatError : public Error {
 public:
  using Error::Error;
};

// The operating system refused to read or write.
class IoError : public Error {
 public:
  using Error::Error;
};

// Training met a NaN or an infinity.
class DivergedError : public Error {
 public:
  using Error::Error;
};

}  // namespace fovea
#pragma GCC visibility pop
